// Measures the gateway beside a bare node:http + ws server and holds the figures against their budgets.
// Usage: npm run bench [-- --kills [count]]   (--kills: only the part that kills the gateway)
import os from 'node:os';
import {
  measureCommand,
  measureConnect,
  measureEffect,
  measureFinal,
  measureHealth,
  measureIdle,
  measureStarts,
  measureStream,
} from './figures.mjs';
import { measureHttp } from './http.mjs';
import { countLostMessages } from './kills.mjs';
import { prepareBare, prepareGateway, startServer, startUpstream } from './processes.mjs';
import { isKept, renderTable } from './table.mjs';

const CLIENTS = [1, 8, 64];
const say = (text) => process.stderr.write(`${text}\n`);

/** How large the gateway's answers are, so that the bare server sends as much. */
async function probeSizes(server) {
  const running = await startServer(server);
  const healthBytes = (await running.connection.requestText('health')).length;
  const helloBytes = JSON.stringify(running.connection.hello).length;
  await running.stop();
  return { healthBytes, helloBytes };
}

/** Measures with both servers running; every figure is a pair, gateway first. */
async function measureRunning(servers, upstream) {
  const both = [];
  try {
    for (const server of servers) both.push(await startServer(server));
    const step = (what, pair) => (say(`measuring: ${what}`), pair());
    return {
      idle: await step('memory', () => measureIdle(both)),
      connect: await step('connect', () => measureConnect(both)),
      health: await measureHealths(both),
      stream: await step('stream', () => measureStream(both)),
      final: await step('final event', () => measureFinal(both, upstream)),
      command: await step('command', () => measureCommand(both)),
      effect: await step('config', () => measureEffect(both[0])),
    };
  } finally {
    for (const running of both) await running.stop();
  }
}

async function measureHealths(both) {
  const pairs = [];
  for (const clients of CLIENTS) {
    say(`measuring: health, ${clients}`);
    pairs.push(await measureHealth(both, clients));
  }
  return pairs;
}

function makeRows({ starts, exits, idle, connect, health, stream, final, command, effect }) {
  const row = (figure, unit, [value, bare], budget) => ({ figure, unit, value, bare, ...budget });
  return [
    row('spawn → hello-ok', 'ms', starts, { maxRatio: 3 }),
    row('memory at idle', 'MB', idle, { maxRatio: 2 }),
    row('connect + hello, p50', 'ms', connect, { maxRatio: 2 }),
    ...CLIENTS.map((clients, index) =>
      row(`health, ${clients} client${clients > 1 ? 's' : ''}`, '/s', health[index], { minRatio: 0.5 }),
    ),
    row('2,000-chunk stream, end to end', 'ms', stream, { maxRatio: 3 }),
    row('last byte → final event on 100 connections', 'ms', final, { max: 30 }),
    row('SIGTERM → exit, idle', 'ms', exits, { max: 150 }),
    row('CLI: openclaw health', 'ms', command, { max: 250 }),
    { figure: 'config write → effect, after the debounce', unit: 'ms', value: effect, max: 150 },
  ];
}

function httpRows({ overhead, turns, lists }) {
  return [
    { figure: 'chat completion, over the model alone, p50', unit: 'ms', value: overhead, max: 10 },
    { figure: 'chat completions, 8 in flight', unit: '/s', value: turns, min: 200 },
    { figure: 'sessions_list of 2,000, 8 in flight', unit: '/s', value: lists, min: 1000 },
  ];
}

async function runTable(server, upstream) {
  const servers = [server, await prepareBare(upstream, await probeSizes(server))];
  say('measuring: starts and exits');
  const { starts, exits } = await measureStarts(servers);
  const rows = makeRows({ starts, exits, ...(await measureRunning(servers, upstream)) });
  say('measuring: http');
  rows.push(...httpRows(await measureHttp(upstream)));
  console.log(renderTable(rows));
  return rows.every(isKept);
}

async function runKills(server, count) {
  const lost = await countLostMessages(server, count, (done) => say(`kills: ${done} of ${count}`));
  console.log(`${count} kills right after an acknowledgement: ${lost.length} messages lost`);
  for (const message of lost) console.log(`  lost: ${message}`);
  return lost.length === 0;
}

async function main(args) {
  const killsAt = args.indexOf('--kills');
  const upstream = await startUpstream();
  let server;
  try {
    server = await prepareGateway(upstream);
    say(`${os.cpus().length} cores, node ${process.versions.node}, ${process.platform} ${process.arch}`);
    const kept =
      killsAt >= 0 ? await runKills(server, Number(args[killsAt + 1] ?? 100)) : await runTable(server, upstream);
    console.log(kept ? '\nEvery budget is kept.' : '\nA budget is missed.');
    process.exitCode = kept ? 0 : 1;
  } finally {
    upstream.stop();
    server?.remove();
  }
}

await main(process.argv.slice(2));
