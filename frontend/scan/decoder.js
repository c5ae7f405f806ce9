// The decoder for browsers without one of their own; fetched only by them.
export { default } from 'jsqr'
