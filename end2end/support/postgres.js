// A database of its own on the PostgreSQL that the tests were given.

import { execFileSync } from 'node:child_process';
import { seedDatabase } from './seed.js';

/** The address of the server's maintenance database, when there is one. */
export const server = process.env.LANTERNA_TEST_POSTGRES;

/** Makes a database with the demo city in it: its address, and what drops it. */
export async function demoDatabase() {
  const name = `end2end_${process.pid}_${Date.now()}`;
  psql(server, `create database ${name}`);
  const address = new URL(server);
  address.pathname = `/${name}`;
  await seedDatabase(address.href);
  return { address: address.href, drop: () => psql(server, `drop database ${name} with (force)`) };
}

/** Runs a statement. */
export function psql(address, statement) {
  return execFileSync('psql', ['--no-psqlrc', '--quiet', '--tuples-only', '--command', statement, address], { encoding: 'utf8' });
}
