// A demo city of its own: the real binary on free ports, with a fresh archive and its own hub.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const demo = join(root, 'server/demo');
const READY_MS_MAX = 20_000;

/** What gives a process a clock of its own (Debian: libfaketime); nothing where it is not installed. */
export const clockLibrary = readdirSync('/usr/lib')
  .map((folder) => join('/usr/lib', folder, 'faketime/libfaketimeMT.so.1'))
  .find(existsSync);

/** The binary under test. */
export const lanterna = join(resolve(root, process.env.CARGO_TARGET_DIR ?? 'target'), 'release/lanterna');

/** The folder the seed left, with the archive of the demo city and the list of its notices. */
export const seedFolder = () => process.env.LANTERNA_SEED;

/**
 * Starts a city on a copy of the seeded archive.
 *
 * `hub` is the address of a hub that runs already; without it a sandbox of its own is started. `database` is an archive
 * that is seeded already. `timeoutSeconds` is how long the portal waits for the hub. `rates` is given the folder of a
 * catalogue to change its tariffs. `clock` is a moment the portal takes for now; it needs `clockLibrary`.
 */
export async function startCity({ hub, database, timeoutSeconds = 20, rates, clock } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'lanterna-city-'));
  const portal = `127.0.0.1:${await freePort()}`;
  const processes = [];
  try {
    const sandbox = hub ? undefined : `127.0.0.1:${await freePort()}`;
    if (sandbox) {
      const station = `http://${portal}/pagopa/paForNode`;
      processes.push(start(['sandbox', '--listen', sandbox, '--station-url', station]));
    }
    if (!database) await cp(seedFolder(), folder, { recursive: true });
    const hubUrl = hub ?? `http://${sandbox}`;
    const config = join(folder, 'lanterna.toml');
    const catalogue = rates ? join(folder, 'catalogue') : demo;
    if (rates) await cp(demo, catalogue, { recursive: true });
    await rates?.(catalogue);
    await writeFile(config, await settings(catalogue, `http://${portal}`, hubUrl, timeoutSeconds));
    const clockFile = join(folder, 'clock');
    const setClock = (moment) => writeFile(clockFile, secondsAhead(moment));
    if (clock) await setClock(clock);
    const archive = database ?? `sqlite:${join(folder, 'lanterna.db')}`;
    const serve = ['serve', '--config', config, '--listen', portal, '--database', archive];
    const server = start(serve, clock ? clockOf(clockFile) : {});
    processes.push(server);
    if (sandbox) await answers(`${hubUrl}/`, processes[0]);
    await answers(`http://${portal}/health/ready`, server);
    return {
      url: `http://${portal}`,
      hubUrl,
      archive,
      archiveFile: join(folder, 'lanterna.db'),
      log: () => processes.map((process) => process.log.join('')).join('\n'),
      /** From now on it is this moment for the portal. */
      setClock,
      /** Takes the hub away. */
      stopHub: () => stop(processes[0]),
      stop: async () => {
        await Promise.all(processes.map(stop));
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await Promise.all(processes.map(stop));
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** How far ahead of ours a clock is, as libfaketime reads it. */
const secondsAhead = (moment) => {
  const seconds = Math.round((moment - Date.now()) / 1000);
  return `${seconds < 0 ? '' : '+'}${seconds}\n`;
};

/** The environment of a process that reads what day and hour it is from a file; what it waits for takes its time. */
const clockOf = (file) => ({
  LD_PRELOAD: clockLibrary,
  FAKETIME_TIMESTAMP_FILE: file,
  FAKETIME_NO_CACHE: '1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
  NO_FAKE_STAT: '1',
});

/** Starts the binary and keeps what it says. */
export function start(args, environment = {}) {
  const child = spawn(lanterna, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
  child.log = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => child.log.push(String(data)));
  child.on('error', (error) => child.log.push(`cannot start ${lanterna}: ${error.message}\n`));
  return child;
}

/** Stops a process we started and waits for its end. */
export async function stop(child) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const impatient = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(impatient);
}

/** Waits until an address answers without an error of the server's. */
export async function answers(url, child) {
  const until = Date.now() + READY_MS_MAX;
  while (Date.now() < until) {
    const answer = await fetch(url, { redirect: 'manual' }).catch(() => undefined);
    if (answer && answer.status < 500) return;
    if (child.exitCode !== null || child.pid === undefined) break;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${url} does not answer:\n${child.log.join('')}`);
}

// Ports of this worker's own, below those the system gives to whoever connects, and none of them twice: a browser keeps
// connections to a port it knows, and another city that came to listen there would be asked through them.
const PORTS_FROM = 10_000;
const PORTS_OF_WORKER = 200;
const WORKERS = 100;
let portsTaken = 0;

/** A port nobody listens on or did before. */
export async function freePort() {
  for (;;) {
    const worker = Number(process.env.TEST_WORKER_INDEX ?? WORKERS) % (WORKERS + 1);
    const port = PORTS_FROM + worker * PORTS_OF_WORKER + (portsTaken++ % PORTS_OF_WORKER);
    const probe = createServer().listen(port, '127.0.0.1');
    const isFree = await once(probe, 'listening').then(() => true, () => false);
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}

/** The demo's own configuration with these addresses, and a catalogue with its tariffs. */
async function settings(catalogue, portal, hub, timeoutSeconds) {
  const text = await readFile(join(demo, 'lanterna.toml'), 'utf8');
  return `catalogue = ${JSON.stringify(catalogue)}\n${text}`
    .replaceAll('{portal}', portal)
    .replaceAll('{sandbox}', hub)
    .replace(/^timeout_seconds.*$/m, `timeout_seconds = ${timeoutSeconds}`);
}
