// Every way to sign in against what the specification says: mode × bind × proxy headers × Origin × Host × device state
// × credential × client × role × protocol. Cases are drawn from the whole matrix with a seed (AUTH_MATRIX_SEED).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveGatewaySettings } from '../../src/config/index.js';
import { DeviceStore } from '../../src/devices/index.js';
import type { ConnectParams } from '../../src/protocol/index.js';
import { type Admission, admit } from '../../src/server/handshake/admission.js';
import { isHostAllowed } from '../../src/server/http/host-rules.js';
import { describePeer } from '../../src/server/peer.js';
import { RateLimiter } from '../../src/server/rate-limiter.js';
import { isAppError } from '../../src/shared/app-error.js';
import { silentLogger } from '../../src/shared/logger.js';
import { drawCase, HOSTS, type MatrixCase, PLACES, TAILNET } from './auth-matrix/cases.js';
import { classOf, expected, type Verdict } from './auth-matrix/oracle.js';
import { Cast, headersOf, paramsOf, settingsOf } from './auth-matrix/stage.js';
import { ManualClock } from './manual-clock.js';
import { RawClient, type WireFrame } from './raw-client.js';
import { Seeded, seedOf } from './seeded.js';
import type { Challenge } from './test-device.js';
import { startTestServer, type TestServer } from './test-server.js';

const DECISIONS = 12_000;
const SOCKETS = 600;
const NONCE = 'b4e7c1d2-nonce';
const SEED = seedOf('AUTH_MATRIX_SEED', 20_261_121);
const whois = (ip: string) => Promise.resolve(TAILNET[ip]);

function told(matrix: MatrixCase): string {
  const { mode, place, host, origin, device, credential, identity, client, role, protocol, ui, allowTailscale } =
    matrix;
  const about = { mode, place: place.name, host: host.name, origin: origin.name, device, credential, identity };
  return JSON.stringify({ ...about, client: client.kind, role, protocol, ui, allowTailscale });
}

interface Outcome {
  matrix: MatrixCase;
  want: Verdict;
  got: Verdict | string;
}

/** Prints how often each verdict came, and returns what differs. */
function report(what: string, outcomes: readonly Outcome[]): string[] {
  const counts = new Map<string, number>();
  for (const { got } of outcomes) counts.set(got, (counts.get(got) ?? 0) + 1);
  const wrong = outcomes.filter(({ want, got }) => want !== got);
  const allows = wrong.filter(({ got, want }) => got === 'full' || (got === 'bare' && want !== 'full'));
  const table = [...counts].sort().map(([name, count]) => `${name} ${count}`);
  process.stdout.write(
    `auth matrix, ${what}: seed ${SEED}, ${outcomes.length} cases (${table.join(', ')}), ` +
      `${allows.length} unexpected allows, ${wrong.length - allows.length} other differences\n`,
  );
  return wrong.slice(0, 10).map(({ matrix, want, got }) => `want ${want}, got ${got}: ${told(matrix)}`);
}

function verdictOf(admission: Admission, asked: number): Verdict | string {
  if (admission.ok) return admission.scopes.length === asked ? 'full' : 'bare';
  const code = String((admission.refusal.error?.details as { code?: string } | undefined)?.code);
  return classOf(code) ?? code;
}

describe('the decision about a connection', () => {
  let dir: string;
  let store: DeviceStore;
  const clock = new ManualClock();
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'openclaw-matrix-'));
    store = await DeviceStore.load({ stateDir: dir, clock, log: silentLogger });
  });
  afterAll(async () => {
    await store.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const decide = async (matrix: MatrixCase, params: ConnectParams): Promise<Admission> => {
    const settings = settingsOf(matrix);
    return await admit(
      {
        settings,
        devices: store,
        browserLimiter: new RateLimiter(clock, {}),
        directLimiter: undefined,
        tailscaleWhois: whois,
        news: { requested: () => undefined, approved: () => undefined },
        ownOrigins: new Set(),
        now: () => clock.now(),
      },
      {
        request: { id: '1', params, protocol: matrix.protocol, role: matrix.role },
        peer: describePeer(matrix.place.remote, headersOf(matrix), settings),
        nonce: NONCE,
      },
    );
  };

  it(`is the one of the specification in ${DECISIONS} cases`, { timeout: 60_000 }, async () => {
    const random = new Seeded(SEED);
    const cast = new Cast(store);
    const outcomes: Outcome[] = [];
    for (let count = 0; count < DECISIONS; count += 1) {
      const matrix = drawCase(random);
      const params = paramsOf(matrix, await cast.device(matrix), { nonce: NONCE, ts: clock.now() });
      const admission = await decide(matrix, params);
      // A node asks for no scopes, so all of them is none of them.
      outcomes.push({ matrix, want: expected(matrix), got: verdictOf(admission, params.scopes?.length ?? 0) });
      await cast.restore(matrix);
    }
    expect(report('decisions', outcomes)).toEqual([]);
  });
});

function verdictOnWire(answer: WireFrame, matrix: MatrixCase): Verdict | string {
  if (answer.ok) {
    const { auth } = answer.payload as { auth: { scopes: string[] } };
    return matrix.role === 'node' || auth.scopes.includes('operator.write') ? 'full' : 'bare';
  }
  const code = String(answer.error?.details?.code);
  return classOf(code) ?? code;
}

/** Cases that one server can take, by what its settings depend on. */
function groupBySettings(cases: readonly MatrixCase[]): MatrixCase[][] {
  const groups = new Map<string, MatrixCase[]>();
  for (const matrix of cases) {
    const key = JSON.stringify([matrix.mode, matrix.place.proxies, matrix.ui, matrix.allowTailscale]);
    groups.set(key, [...(groups.get(key) ?? []), matrix]);
  }
  return [...groups.values()];
}

async function askServer(gateway: TestServer, cast: Cast, matrix: MatrixCase): Promise<Outcome> {
  const client = await RawClient.open(gateway.url, { headers: headersOf(matrix) });
  const challenge = (await client.event('connect.challenge')).payload as Challenge;
  const params = paramsOf(matrix, await cast.device(matrix), challenge);
  client.send({ type: 'req', id: 'connect', method: 'connect', params });
  const answer = await client.response('connect');
  await client.close();
  await cast.restore(matrix);
  return { matrix, want: expected(matrix), got: verdictOnWire(answer, matrix) };
}

describe('the answer of a gateway', () => {
  it(`is the one of the specification in ${SOCKETS} cases`, { timeout: 60_000 }, async () => {
    const random = new Seeded(SEED + 1);
    const here = PLACES.filter(({ remote, bind }) => remote === '127.0.0.1' && bind === 'loopback');
    const cases = Array.from({ length: SOCKETS }, () => drawCase(random, here));
    const outcomes: Outcome[] = [];
    for (const group of groupBySettings(cases)) {
      const [first] = group;
      if (!first) continue;
      // Wrong secrets of pages would add up to a lock-out, which has tests of its own.
      const settings = { ...settingsOf(first), rateLimit: { maxAttempts: 1_000_000 } };
      const gateway = await startTestServer({ settings, controlUi: settings.controlUi, tailscaleWhois: whois });
      const cast = new Cast(gateway.devices);
      for (const matrix of group) outcomes.push(await askServer(gateway, cast, matrix));
      await gateway.stop();
    }
    expect(report('sockets', outcomes)).toEqual([]);
  });
});

describe('where a gateway may listen', () => {
  const BINDS = ['loopback', 'lan', 'tailnet', 'auto', 'custom'] as const;
  const MODES = ['none', 'token', 'password', 'trusted-proxy'] as const;
  const PROXIES = [[], ['10.0.0.1'], ['127.0.0.1'], ['::1']] as const;
  const interfaces = { tail: [{ address: '100.64.0.1', family: 'IPv4' }] } as never;

  /** spec/gateway-config.md §3, the table of refusals. */
  const want = (bind: string, mode: string, hasSecret: boolean, proxies: readonly string[]): string => {
    if (mode === 'password' && !hasSecret) return 'gateway.settings_refused';
    if (mode === 'trusted-proxy') {
      if (proxies.length === 0) return 'gateway.settings_refused';
      const isLoopback = bind === 'loopback' || bind === 'auto';
      return isLoopback && proxies.includes('10.0.0.1') ? 'gateway.settings_refused' : 'starts';
    }
    return bind !== 'loopback' && (mode === 'none' || !hasSecret) ? 'gateway.bind_refused' : 'starts';
  };

  const rows = BINDS.flatMap((bind) =>
    MODES.flatMap((mode) =>
      [true, false].flatMap((hasSecret) => PROXIES.map((proxies) => ({ bind, mode, hasSecret, proxies }))),
    ),
  );

  it(`is decided by bind, mode, secret and proxies in ${rows.length} cases`, () => {
    const wrong = rows.filter(({ bind, mode, hasSecret, proxies }) => {
      const secret = hasSecret
        ? { token: mode === 'token' ? 's' : undefined, password: mode === 'password' ? 's' : undefined }
        : {};
      const gateway = {
        mode: 'local' as const,
        bind,
        customBindHost: '192.168.1.20',
        trustedProxies: [...proxies],
        controlUi: { allowedOrigins: ['https://hq.example'] },
        auth: { mode, ...secret, trustedProxy: { userHeader: 'x-user' } },
      };
      let got = 'starts';
      try {
        resolveGatewaySettings({ gateway }, {}, {}, { interfaces });
      } catch (error) {
        if (!isAppError(error)) throw error;
        got = error.code;
      }
      return got !== want(bind, mode, hasSecret, proxies);
    });
    process.stdout.write(`auth matrix, binds: ${rows.length} cases, ${wrong.length} differences\n`);
    expect(wrong).toEqual([]);
  });

  it('takes the Host of this computer alone while it listens there alone', () => {
    const rules = (isLoopbackOnly: boolean) => ({ isLoopbackOnly, allowedOrigins: ['https://hq.example'] });
    for (const { name, isLocal } of HOSTS) {
      expect([name, isHostAllowed(name, rules(true))]).toEqual([name, isLocal]);
      expect(isHostAllowed(name, rules(false))).toBe(true);
    }
    expect(isHostAllowed('hq.example', rules(true))).toBe(true);
    expect(isHostAllowed(undefined, rules(true))).toBe(false);
  });
});
