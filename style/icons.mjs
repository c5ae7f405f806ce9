// Makes public/icons.svg: the symbols we use, out of the 179 of Bootstrap Italia (BSD-3-Clause).
// Usage: node style/icons.mjs

import { readFileSync, writeFileSync } from 'node:fs'

const NAMES = [
  'arrow-left', 'arrow-right', 'calendar', 'camera', 'check', 'check-circle', 'clock', 'close', 'close-circle', 'copy',
  'delete', 'download', 'error', 'external-link', 'file', 'file-image', 'files', 'help-circle', 'info-circle', 'link',
  'locked', 'mail', 'plus-circle', 'print', 'refresh', 'search', 'share', 'star-full', 'user', 'warning-circle',
]

const folder = new URL('.', import.meta.url)
const sprite = readFileSync(new URL('node_modules/bootstrap-italia/dist/svg/sprites.svg', folder), 'utf8')
const symbols = NAMES.map((name) => {
  const symbol = sprite.match(new RegExp(`<symbol[^>]*id="it-${name}"[^>]*>.*?</symbol>`, 's'))?.[0]
  if (!symbol) throw new Error(`the sprite has no symbol it-${name}`)
  return symbol.replaceAll(/\s*\n\s*/g, '').replaceAll(/ (xmlns|class|fill)="[^"]*"/g, '')
})
const notice = '<!-- From Bootstrap Italia 2.18.3, BSD-3-Clause, copyright the authors of Bootstrap Italia: LICENSE-icons.txt -->'
writeFileSync(
  new URL('../public/icons.svg', folder),
  `<svg xmlns="http://www.w3.org/2000/svg">${notice}\n${symbols.join('\n')}\n</svg>\n`,
)
