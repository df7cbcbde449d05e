// What is measured: one function per figure, the same for the gateway and for the bare server.
import { setTimeout as delay } from 'node:timers/promises';
import { msSince, residentMb, startServer, timeCommand } from './processes.mjs';
import { median } from './table.mjs';
import { connect, sendChat } from './wire.mjs';

const STARTS = 9;
const SETTLE_MS = 3_000;
const ROUNDS = 7;
const CONNECTS_A_ROUND = 60;
const LOAD_MS = 700;
const FINALS_A_ROUND = 3;
const EDITS = 9;
/** What the gateway waits after a write of its config before it takes it over. */
const DEBOUNCE_MS = 300;

async function repeat(times, work) {
  const values = [];
  for (let index = 0; index < times; index += 1) values.push(await work(index));
  return values;
}

/**
 * Measures both servers in turns, so that both meet the same machine: one round of one, one round of the other.
 * The first round warms up and does not count. Returns the median of each.
 */
async function alternate(both, measureRound) {
  const values = both.map(() => []);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [index, running] of both.entries()) {
      const value = await measureRound(running, round);
      if (round > 0) values[index].push(value);
    }
  }
  return values.map(median);
}

/** Starts and stops both servers in turn, so that both see the same machine. Milliseconds. */
export async function measureStarts(servers) {
  const figures = servers.map(() => ({ starts: [], exits: [] }));
  await repeat(STARTS, async () => {
    for (const [index, server] of servers.entries()) {
      const running = await startServer(server);
      figures[index].starts.push(running.startMs);
      running.connection.close();
      figures[index].exits.push(await running.stop());
    }
  });
  return {
    starts: figures.map(({ starts }) => median(starts)),
    exits: figures.map(({ exits }) => median(exits)),
  };
}

/** Memory a few seconds after the start, with one connection. MB. */
export async function measureIdle(both) {
  await delay(SETTLE_MS);
  return both.map(({ pid }) => residentMb(pid));
}

/** Median milliseconds from opening a socket to hello-ok. */
export function measureConnect(both) {
  return alternate(both, async (running) => {
    const times = await repeat(CONNECTS_A_ROUND, async () => {
      const startedAt = process.hrtime.bigint();
      const connection = await connect(running);
      const ms = msSince(startedAt);
      connection.close();
      return ms;
    });
    return median(times);
  });
}

async function healthRound(running, clients) {
  const connections = await Promise.all(Array.from({ length: clients }, () => connect(running)));
  const startedAt = process.hrtime.bigint();
  let answers = 0;
  const ask = async (connection) => {
    while (msSince(startedAt) < LOAD_MS) {
      await connection.requestText('health');
      answers += 1;
    }
  };
  await Promise.all(connections.map(ask));
  const perSecond = answers / (msSince(startedAt) / 1000);
  for (const connection of connections) connection.close();
  return perSecond;
}

/** `health` answers per second with `clients` connections, one request in flight on each. */
export function measureHealth(both, clients) {
  return alternate(both, (running) => healthRound(running, clients));
}

/** Milliseconds from sending a message to the final event of an answer of 2,000 chunks. */
export function measureStream(both) {
  return alternate(both, async (running) => {
    const startedAt = process.hrtime.bigint();
    const { finished } = await sendChat(running.connection, 'chunks=2000');
    return msSince(startedAt, await finished);
  });
}

let lastTag = 0;

async function finalOnce(connections, upstream) {
  const tag = (lastTag += 1);
  const sessionKey = `agent:main:bench-final-${tag}`;
  await Promise.all(connections.map((each) => each.request('sessions.messages.subscribe', { key: sessionKey })));
  const lastByte = upstream.lastByte(tag);
  const { runId, finished } = await sendChat(connections[0], `chunks=40 pace=10 tag=${tag}`, sessionKey);
  const others = connections.slice(1).map((connection) => connection.finalEvent(runId));
  const arrivals = await Promise.all([finished, ...others]);
  const last = arrivals.reduce((latest, at) => (at > latest ? at : latest));
  return msSince(await lastByte, last);
}

/**
 * Milliseconds from the upstream's last byte to the final event on the last of 100 connections.
 * The answer comes at the pace of a fast model, so that no backlog of earlier events is measured.
 */
export function measureFinal(both, upstream) {
  return alternate(both, async (running) => {
    const connections = await Promise.all(Array.from({ length: 100 }, () => connect(running)));
    await Promise.all(connections.map((connection) => connection.request('sessions.subscribe')));
    const times = await repeat(FINALS_A_ROUND, () => finalOnce(connections, upstream));
    for (const connection of connections) connection.close();
    return median(times);
  });
}

async function addAgent(connection, id) {
  const { raw, hash } = await connection.request('config.get', {});
  const config = JSON.parse(raw);
  config.agents.list = [{ id: 'main', default: true }, { id }];
  const startedAt = process.hrtime.bigint();
  await connection.request('config.set', { raw: JSON.stringify(config, undefined, 2), baseHash: hash });
  while (!(await connection.requestText('agents.list')).includes(`"${id}"`));
  return msSince(startedAt) - DEBOUNCE_MS;
}

/** Median milliseconds from a write of the gateway's config to its effect, without the debounce. */
export async function measureEffect({ connection }) {
  return median(await repeat(EDITS, (index) => addAgent(connection, `bench-${index}`)));
}

/** Milliseconds of a whole command, from spawn to exit. Each server brings its own `client` command. */
export function measureCommand(both) {
  return alternate(both, ({ client, env }) => timeCommand(client, env));
}
