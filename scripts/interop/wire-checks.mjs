// Checks that need a bare socket, a node host or the end of the gateway (interop facts §4).
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { bareEnv, startProgram, TOKEN } from './gateway-under-test.mjs';
import { judgeValue, readJson } from './judge.mjs';
import { connectFrame, openRawSocket } from './raw-socket.mjs';
import { runClient } from './run-client.mjs';

const NODE_CONNECT_MS = 30_000;

async function firstFrameMustConnect(lab) {
  const socket = await openRawSocket(lab.directUrl);
  await socket.frame(({ event }) => event === 'connect.challenge');
  socket.send({ type: 'req', id: '1', method: 'health' });
  const answer = await socket.frame(({ id }) => id === '1');
  const close = await socket.closed;
  return judgeValue(
    { answer, close },
    {
      INVALID_REQUEST: () => answer.ok === false && answer.error.code === 'INVALID_REQUEST',
      'invalid handshake: first request must be connect': () =>
        answer.error.message === 'invalid handshake: first request must be connect',
      'close 1008': () => close.code === 1008,
    },
  );
}

async function challengeComesFirst(lab) {
  const socket = await openRawSocket(lab.directUrl);
  const { payload } = await socket.frame(({ event }) => event === 'connect.challenge');
  socket.close();
  return judgeValue(payload, {
    'a nonce': ({ nonce }) => nonce.length > 0,
    'ts is a whole number': ({ ts }) => Number.isInteger(ts) && ts >= 0,
  });
}

async function protocolsAreAgreed(lab) {
  const faults = [];
  for (const [min, max, agreed] of [
    [3, 3, 3],
    [4, 4, 4],
    [3, 4, 4],
  ]) {
    const socket = await openRawSocket(lab.directUrl);
    await socket.frame(({ event }) => event === 'connect.challenge');
    socket.send(connectFrame({ minProtocol: min, maxProtocol: max }));
    const { payload } = await socket.frame(({ id }) => id === 'connect');
    if (payload?.protocol !== agreed) faults.push(`${min}–${max} agreed on ${payload?.protocol}, expected ${agreed}`);
    if (!payload?.auth?.role) faults.push(`${min}–${max}: hello-ok has no auth.role`);
    socket.close();
  }
  return faults;
}

async function connectedNode(lab) {
  const listed = await runClient(lab, {
    args: ['gateway', 'call', 'node.list', '--json', '--url', lab.url, '--token', TOKEN],
  });
  if (listed.code !== 0) throw new Error(`node.list: ${listed.stderr.trim().split('\n').at(-1)}`);
  return readJson(listed.stdout).nodes.find(({ connected }) => connected);
}

async function untilConnected(lab, host) {
  const deadline = Date.now() + NODE_CONNECT_MS;
  while (Date.now() < deadline) {
    if (host.child.exitCode !== null) throw new Error(`node run ended: ${host.output().slice(-500)}`);
    const node = await connectedNode(lab);
    if (node) return node;
  }
  throw new Error(`the node did not connect: ${host.output().slice(-500)}`);
}

// Just after it connected, a node may still be taking over its pairing; people try again too.
const INVOKE_TRIES = 3;

async function invokeWhich(lab, node) {
  const invoke = ['nodes', 'invoke', '--node', node.nodeId, '--command', 'system.which', '--params', '{"bins":["ls"]}'];
  let said = '';
  for (let attempt = 0; attempt < INVOKE_TRIES; attempt += 1) {
    const { code, stdout, stderr } = await runClient(lab, {
      args: [...invoke, '--json', '--url', lab.url, '--token', TOKEN],
    });
    if (/\/ls"/.test(stdout)) return [];
    said = `exit ${code} ${(stderr || stdout).slice(0, 400)}`;
  }
  return [`nodes invoke system.which: ${said}`];
}

async function nodeHostWorks(lab) {
  const home = path.join(lab.gateway.folder, `node-${lab.generation}`);
  await mkdir(home, { recursive: true });
  const env = bareEnv({ ...lab.client.quiet, HOME: home, OPENCLAW_STATE_DIR: home, OPENCLAW_GATEWAY_TOKEN: TOKEN });
  const args = [lab.client.program, 'node', 'run', '--host', '127.0.0.1', '--port', String(lab.port)];
  const host = startProgram(lab.client.node, args, { env, cwd: home });
  try {
    const node = await untilConnected(lab, host);
    return await invokeWhich(lab, node);
  } finally {
    await host.stop();
  }
}

async function shutdownIsAnnounced(lab) {
  const socket = await openRawSocket(lab.directUrl);
  await socket.frame(({ event }) => event === 'connect.challenge');
  socket.send(connectFrame());
  await socket.frame(({ id }) => id === 'connect');
  lab.gateway.process.child.kill('SIGTERM');
  const shutdown = await socket.frame(({ event }) => event === 'shutdown');
  const close = await socket.closed;
  const exitCode = await lab.gateway.process.ended;
  return judgeValue(
    { shutdown, close },
    {
      'a reason in shutdown': () => shutdown.payload.reason.length > 0,
      'close 1012': () => close.code === 1012,
      'exit 0': () => exitCode === 0,
    },
  );
}

export const SOCKET_CHECKS = [
  { name: 'raw: the challenge comes first', check: challengeComesFirst },
  { name: 'raw: the first request must be connect', check: firstFrameMustConnect },
  { name: 'raw: protocols 3 and 4 are agreed on', check: protocolsAreAgreed },
];

export const NODE_CHECKS = [{ name: 'node run, nodes invoke system.which', check: nodeHostWorks, needs: 'whole-wire' }];

/** Ends the gateway; nothing can come after it. */
export const LAST_CHECKS =
  process.platform === 'win32' ? [] : [{ name: 'raw: SIGTERM, shutdown, 1012', check: shutdownIsAnnounced }];
