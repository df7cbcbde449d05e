// Runs the real command line (two generations), bare sockets, plain HTTP and the OpenAI SDK against our built gateway,
// and compares what they see with a table. Usage: node scripts/interop/interop.mjs
//   [--generation 2026.3.23|2026.9.6] [--only <text in the name>] [--without <need>] [--frames]
// `--without whole-wire` leaves out what needs every method; `--frames` shows the frames of rows that fail.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { prepareCli, prepareNode, RegistryUnreachable } from './client-install.mjs';
import { SPINE_ROWS } from './commands-of-the-spine.mjs';
import { WHOLE_WIRE_ROWS } from './commands-of-the-whole-wire.mjs';
import { startGatewayUnderTest } from './gateway-under-test.mjs';
import { HTTP_CHECKS } from './http-checks.mjs';
import { judge, readJson } from './judge.mjs';
import { prepareClient, runClient } from './run-client.mjs';
import { SDK_CHECKS } from './sdk-checks.mjs';
import { LAST_CHECKS, NODE_CHECKS, SOCKET_CHECKS } from './wire-checks.mjs';
import { startWireTap } from './wire-tap.mjs';

const GENERATIONS = ['2026.3.23', '2026.9.6'];
const REPORT = fileURLToPath(new URL('../../test-results/interop.json', import.meta.url));

/** Runs a row's command once, or again and again until it fits or its time is over. */
async function runRow(row, lab) {
  const command = { ...row, args: typeof row.args === 'function' ? row.args(lab) : row.args };
  const deadline = Date.now() + (row.until ?? 0);
  for (;;) {
    const result = await runClient(lab, command);
    const expected = typeof row.expect === 'function' ? row.expect({ newest: lab.newest, lab }) : row.expect;
    const faults = judge(result, expected);
    if (faults.length === 0) row.keep?.(readJson(result.stdout), lab);
    if (faults.length === 0 || Date.now() >= deadline) return { faults, result };
  }
}

async function attempt(row, lab) {
  try {
    return row.check ? { faults: await row.check(lab) } : await runRow(row, lab);
  } catch (error) {
    return { faults: [`${error.name}: ${error.message}`] };
  }
}

function explain({ faults, result }, frames) {
  const said = result ? `${result.stdout.slice(0, 300)}\n${result.stderr.slice(0, 600)}`.trim() : '';
  for (const fault of faults) console.log(`        ${fault}`);
  for (const line of said.split('\n').slice(0, 14)) if (line) console.log(`        | ${line}`);
  for (const frame of frames) console.log(`        ${frame}`);
}

/** Runs rows one after another, prints a line for each, adds to the totals. */
async function runRows(rows, lab, options) {
  for (const row of rows) {
    if (options.only && !row.name.includes(options.only)) continue;
    const label = `${lab.generation.padEnd(9)} ${row.name}`;
    if (row.needs && row.needs === options.without) {
      options.total.skipped += 1;
      console.log(`skip  ${label}`);
      continue;
    }
    const startedAt = performance.now();
    lab.tap?.take();
    const first = await attempt(row, lab);
    // The real program takes seconds to start; on a busy machine it may run out of its own time once.
    const isSecondTry = first.faults.length > 0 && !row.check;
    const outcome = isSecondTry ? await attempt(row, lab) : first;
    const passed = outcome.faults.length === 0;
    options.total[passed ? 'passed' : 'failed'] += 1;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(
      `${passed ? 'ok  ' : 'FAIL'}  ${label.padEnd(58)} ${seconds.padStart(5)} s${row.needs ? `  (${row.needs})` : ''}${isSecondTry ? ' second try' : ''}`,
    );
    if (!passed) explain(outcome, lab.tap?.take() ?? []);
  }
}

/** What the rows are given: the gateway, the client's home, addresses, and what earlier rows kept. */
async function openLab(generation, gateway, { node, program, frames }) {
  const tap = frames ? await startWireTap(`ws://127.0.0.1:${gateway.port}`) : undefined;
  const port = tap?.port ?? gateway.port;
  const folder = await mkdtemp(path.join(tmpdir(), 'openclaw-interop-client-'));
  return {
    generation,
    newest: generation === GENERATIONS.at(-1),
    gateway,
    tap,
    port,
    url: `ws://127.0.0.1:${port}`,
    directUrl: `ws://127.0.0.1:${gateway.port}`,
    httpUrl: `http://127.0.0.1:${gateway.port}`,
    client: await prepareClient({ folder, node, program, port }),
    kept: {},
    async close() {
      await tap?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function runGeneration(generation, programs, options) {
  const gateway = await startGatewayUnderTest();
  const lab = await openLab(generation, gateway, { ...programs, frames: options.frames });
  try {
    await runRows([...SPINE_ROWS, ...WHOLE_WIRE_ROWS, ...NODE_CHECKS], lab, options);
  } finally {
    await lab.close();
    await gateway.stop();
  }
}

/** What needs no real command line, and so no registry: sockets, HTTP, the SDK, the end of the gateway. */
async function runWithoutClient(options) {
  const gateway = await startGatewayUnderTest();
  const lab = await openLab('any', gateway, { frames: options.frames });
  try {
    await runRows([...SOCKET_CHECKS, ...HTTP_CHECKS, ...SDK_CHECKS, ...LAST_CHECKS], lab, options);
  } finally {
    await lab.close();
    await gateway.stop();
  }
}

/** Installs what a generation needs; the reason when the registry is out of reach. */
async function prepare(generation) {
  try {
    return { programs: { node: await prepareNode(console.log), program: await prepareCli(generation, console.log) } };
  } catch (error) {
    if (!(error instanceof RegistryUnreachable)) throw error;
    return { unreachable: error.message };
  }
}

async function runGenerations(generations, options) {
  const left = [];
  let reason;
  for (const generation of generations) {
    const { programs, unreachable } = await prepare(generation);
    if (programs) await runGeneration(generation, programs, options);
    else left.push(generation);
    reason ??= unreachable;
  }
  if (left.length === 0) return;
  options.total.skipped += left.length;
  console.log(`skip  the real command line ${left.join(' and ')}: ${reason}`);
}

async function writeReport({ passed, failed, skipped }) {
  await mkdir(path.dirname(REPORT), { recursive: true });
  const counts = { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped };
  await writeFile(REPORT, JSON.stringify(counts));
}

async function main() {
  const text = { type: 'string' };
  const flag = { type: 'boolean' };
  const { values } = parseArgs({ options: { generation: text, only: text, without: text, frames: flag } });
  const total = { passed: 0, failed: 0, skipped: 0 };
  const options = { ...values, total };
  const generations = GENERATIONS.filter((version) => !values.generation || version === values.generation);
  await runGenerations(generations, options);
  await runWithoutClient(options);
  await writeReport(total);
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

await main();
