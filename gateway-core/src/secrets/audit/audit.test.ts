import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createScratch, type Scratch } from '../testing/scratch.js';
import { type AuditOptions, auditSecrets } from './audit.js';
import { isSecretVariable, parseEnvFile, scrubEnvText } from './env-file.js';
import { auditExitCode, formatAuditReport } from './report.js';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await createScratch();
});
afterEach(() => scratch.remove());

const env = (id: string) => ({ source: 'env', provider: 'default', id });

async function agentFile(agent: string, name: string, value: unknown): Promise<void> {
  await mkdir(path.join(scratch.folder, 'agents', agent, 'agent'), { recursive: true });
  await scratch.write(`agents/${agent}/agent/${name}`, JSON.stringify(value));
}

function audit(config: unknown, options: Partial<AuditOptions> = {}) {
  return auditSecrets({
    configRaw: JSON.stringify(config),
    configPath: path.join(scratch.folder, 'openclaw.json'),
    stateDir: scratch.folder,
    allowExec: false,
    context: scratch.context(),
    ...options,
  });
}

/** The config and the files of the recording. */
const RECORDED = {
  gateway: { mode: 'local', port: 18789, auth: { mode: 'token', token: 'secret-token' } },
  agents: {
    defaults: { memorySearch: { provider: 'openai', remote: { baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'k' } } },
  },
  models: { mode: 'merge', providers: { fake: { baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'k', models: [] } } },
  hooks: { enabled: true, token: 'hook-token', path: '/hooks' },
  cron: { enabled: true },
};

async function recordedAudit() {
  for (const agent of ['default', 'main', 'nope']) {
    await agentFile(agent, 'models.json', { providers: { fake: { apiKey: 'k', baseUrl: 'x' } } });
  }
  return audit(RECORDED);
}

describe('the recorded audit', () => {
  it('has the same text', async () => {
    const at = (file: string) => path.join(scratch.folder, file);
    const models = (agent: string) =>
      `- [PLAINTEXT_FOUND] ${at(`agents/${agent}/agent/models.json`)}:providers.fake.apiKey models.json provider apiKey is stored as plaintext.`;
    expect(formatAuditReport(await recordedAudit()).split('\n')).toEqual([
      'Secrets audit: findings. plaintext=6, unresolved=0, shadowed=0, legacy=0.',
      `- [PLAINTEXT_FOUND] ${at('openclaw.json')}:agents.defaults.memorySearch.remote.apiKey agents.defaults.memorySearch.remote.apiKey is stored as plaintext.`,
      `- [PLAINTEXT_FOUND] ${at('openclaw.json')}:gateway.auth.token gateway.auth.token is stored as plaintext.`,
      `- [PLAINTEXT_FOUND] ${at('openclaw.json')}:models.providers.fake.apiKey models.providers.fake.apiKey is stored as plaintext.`,
      models('main'),
      models('default'),
      models('nope'),
    ]);
  });

  it('has the same JSON', async () => {
    const report = await recordedAudit();
    expect(Object.keys(report)).toEqual(['version', 'status', 'resolution', 'filesScanned', 'summary', 'findings']);
    expect({
      ...report,
      filesScanned: report.filesScanned.map((file) => path.relative(scratch.folder, file)),
    }).toMatchObject({
      version: 1,
      status: 'findings',
      resolution: { refsChecked: 0, skippedExecRefs: 0, resolvabilityComplete: true },
      filesScanned: [
        'agents/default/agent/models.json',
        'agents/main/agent/models.json',
        'agents/nope/agent/models.json',
        'openclaw.json',
      ],
      summary: { plaintextCount: 6, unresolvedRefCount: 0, shadowedRefCount: 0, legacyResidueCount: 0 },
    });
    expect(report.findings[2]).toEqual({
      code: 'PLAINTEXT_FOUND',
      severity: 'warn',
      file: path.join(scratch.folder, 'openclaw.json'),
      jsonPath: 'models.providers.fake.apiKey',
      message: 'models.providers.fake.apiKey is stored as plaintext.',
      provider: 'fake',
    });
    expect(Object.keys(report.findings[1] ?? {})).toEqual(['code', 'severity', 'file', 'jsonPath', 'message']);
  });

  it('has the same exit codes', async () => {
    const report = await recordedAudit();
    expect([auditExitCode(report, false), auditExitCode(report, true)]).toEqual([0, 1]);
    const clean = await audit({}, { stateDir: path.join(scratch.folder, 'empty') });
    expect(formatAuditReport(clean)).toBe('Secrets audit: clean. plaintext=0, unresolved=0, shadowed=0, legacy=0.');
    expect([auditExitCode(clean, false), auditExitCode(clean, true)]).toEqual([0, 0]);
  });
});

describe('refs', () => {
  it('that cannot be read make it unresolved, whether or not --check is set', async () => {
    const report = await audit({ gateway: { auth: { token: env('NOPE') } }, talk: { apiKey: '${NOPE_TOO}' } });
    expect(report.status).toBe('unresolved');
    expect(report.findings.map(({ code, severity, jsonPath, message }) => [code, severity, jsonPath, message])).toEqual(
      [
        [
          'REF_UNRESOLVED',
          'error',
          'gateway.auth.token',
          'gateway.auth.token cannot be resolved: Environment variable "NOPE" is missing or empty.',
        ],
        ['REF_UNRESOLVED', 'error', 'talk.apiKey', expect.stringContaining('"NOPE_TOO"')],
      ],
    );
    expect([auditExitCode(report, false), auditExitCode(report, true)]).toEqual([2, 2]);
  });

  it('are found in the variables of the process, of .env and of the config', async () => {
    await scratch.write('.env', 'FROM_FILE=1\n');
    const report = await audit(
      {
        env: { FROM_CONFIG: 'x', vars: { FROM_VARS: 'y' } },
        tools: { web: { search: { apiKey: env('FROM_VARS') } } },
        talk: { apiKey: env('FROM_FILE') },
        cron: { webhookToken: env('FROM_CONFIG') },
        gateway: { auth: { token: env('OWN') } },
      },
      { context: scratch.context({ env: { OWN: 'z' } }) },
    );
    expect(report).toMatchObject({ status: 'clean', resolution: { refsChecked: 4 } });
  });

  it('on unused surfaces are passed over', async () => {
    const report = await audit({ hooks: { token: env('NOPE') } });
    expect(report).toMatchObject({ status: 'clean', resolution: { refsChecked: 0 } });
  });

  it('to commands are skipped unless they may run, but their provider is looked at', async () => {
    const command = await scratch.script('c', 'process.exit(1)');
    const config = {
      secrets: { providers: { c: { source: 'exec', command } } },
      talk: { apiKey: { source: 'exec', provider: 'c', id: 'a' } },
    };
    const skipped = await audit(config);
    expect(skipped).toMatchObject({
      status: 'clean',
      resolution: { refsChecked: 0, skippedExecRefs: 1, resolvabilityComplete: false },
    });
    expect(formatAuditReport(skipped)).toContain('1 exec reference(s)');
    const run = await audit(config, { allowExec: true });
    expect(run).toMatchObject({ status: 'unresolved', resolution: { refsChecked: 1, resolvabilityComplete: true } });
    const unknown = await audit({ talk: { apiKey: { source: 'exec', provider: 'gone', id: 'a' } } });
    expect(unknown.findings[0]?.message).toContain('no secret provider "gone"');
  });

  it('of models are shadowed by an auth profile of the same provider', async () => {
    await agentFile('main', 'auth-profiles.json', {
      version: 1,
      profiles: { 'openai:default': { type: 'api_key', provider: 'openai', keyRef: env('KEY') } },
    });
    const config = { models: { providers: { openai: { apiKey: env('KEY') }, other: { apiKey: env('KEY') } } } };
    const report = await audit(config, { context: scratch.context({ env: { KEY: 'k' } }) });
    expect(report.findings).toEqual([
      expect.objectContaining({ code: 'REF_SHADOWED', jsonPath: 'models.providers.openai.apiKey', provider: 'openai' }),
    ]);
    expect(report.resolution.refsChecked).toBe(3);
  });
});

describe('the state folder', () => {
  it('is searched for auth profiles, older files and .env', async () => {
    await agentFile('main', 'auth-profiles.json', {
      profiles: {
        'a:default': { type: 'api_key', provider: 'a', key: 'sk-canary-1' },
        'b:default': { type: 'token', provider: 'b', token: 'sk-canary-2', tokenRef: env('NOPE') },
        'c:me': { type: 'oauth', provider: 'c', access: 'sk-canary-3' },
      },
    });
    await agentFile('main', 'auth.json', { a: { type: 'api_key', key: 'sk-canary-4' }, b: { type: 'oauth' } });
    await agentFile('main', 'models.json', {
      providers: {
        x: { apiKey: 'secretref-managed', headers: { Authorization: 'sk-canary-5', Accept: 'json' } },
        y: { apiKey: 'OPENAI_API_KEY' },
      },
    });
    await scratch.write('.env', 'OPENAI_API_KEY=sk-canary-6\nPORT=1\n# GITHUB_TOKEN=x\nEMPTY_TOKEN=\n');
    const report = await audit({});
    expect(report.findings.map((finding) => `${finding.code} ${finding.severity} ${finding.jsonPath}`).sort()).toEqual([
      'LEGACY_RESIDUE info profiles.c:me',
      'LEGACY_RESIDUE warn a',
      'PLAINTEXT_FOUND warn $env.OPENAI_API_KEY',
      'PLAINTEXT_FOUND warn profiles.a:default.key',
      'PLAINTEXT_FOUND warn profiles.b:default.token',
      'PLAINTEXT_FOUND warn providers.x.headers.Authorization',
      'REF_UNRESOLVED error profiles.b:default.token',
    ]);
    expect(report.findings.find((finding) => finding.jsonPath === 'profiles.a:default.key')).toMatchObject({
      provider: 'a',
      profileId: 'a:default',
    });
    expect(JSON.stringify(report)).not.toContain('canary');
  });

  it('does not flag ordinary headers of the config', async () => {
    const headers = { Authorization: 'Bearer x', Accept: 'json', 'X-Title': 'hq' };
    const report = await audit({ models: { providers: { a: { headers } } } });
    expect(report.findings.map((finding) => finding.jsonPath)).toEqual(['models.providers.a.headers.Authorization']);
  });

  it('must hold files that can be parsed', async () => {
    await expect(audit({}, { configRaw: '{ a: ' })).rejects.toMatchObject({ code: 'config.invalid' });
    await agentFile('main', 'models.json', []);
    await expect(audit({})).rejects.toMatchObject({ code: 'state.unreadable' });
  });

  it('may be empty, without a config', async () => {
    const report = await audit({}, { configRaw: null });
    expect(report).toMatchObject({ status: 'clean', filesScanned: [] });
  });
});

describe('.env', () => {
  it('is read line by line', () => {
    const text = 'A=1\nexport B_TOKEN="x y" # note\n  C = \'z\'\n#D=4\nbroken\nE=5 # five\r\nF=';
    expect(parseEnvFile(text)).toEqual([
      { name: 'A', value: '1' },
      { name: 'B_TOKEN', value: 'x y' },
      { name: 'C', value: 'z' },
      { name: 'E', value: '5' },
      { name: 'F', value: '' },
    ]);
  });

  it('knows names of secrets', () => {
    for (const name of ['OPENAI_API_KEY', 'TOKEN', 'GATEWAY_PASSWORD', 'aws_secret_access_key']) {
      expect(isSecretVariable(name)).toBe(true);
    }
    for (const name of ['PORT', 'TOKENIZER', 'KEYBOARD', 'API_KEY_FILE']) expect(isSecretVariable(name)).toBe(false);
  });

  it('loses the secrets that moved and keeps every other byte', () => {
    const text = '# keep\r\nOPENAI_API_KEY="sk-1"\nNAME=sk-1\n\nOTHER_TOKEN=sk-2\nexport X_TOKEN=sk-1\nlast';
    expect(scrubEnvText(text, new Set(['sk-1']))).toEqual({
      text: '# keep\r\nNAME=sk-1\n\nOTHER_TOKEN=sk-2\nlast',
      removed: ['OPENAI_API_KEY', 'X_TOKEN'],
    });
  });
});
