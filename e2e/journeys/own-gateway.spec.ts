// The app with a gateway that has a certificate of its own, on a desktop that may have no keyring.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { launchApp, type RunningApp } from '../fixtures/app.js';
import { type Home, makeHome } from '../fixtures/home.js';

let home: Home;
let running: RunningApp;

test.beforeAll(async () => {
  home = await makeHome({
    gateway: { mode: 'local', tls: { enabled: true } },
    logging: { file: '~/gateway.log' },
  });
  running = await launchApp(home);
  await expect(running.window.getByTestId('status-pill')).toContainText('Ready', { timeout: 20_000 });
});
test.afterAll(async () => {
  await running?.close();
  await home?.remove();
});

test('the window connects by TLS to a certificate that no authority signed', async () => {
  const { window } = running;
  await window.getByRole('link', { name: 'Logs' }).click();
  await expect(window.getByText(/listening on wss:\/\//).first()).toBeVisible();
  expect(await readFile(path.join(home.stateDir, 'tls', 'gateway-cert.pem'), 'utf8')).toContain('BEGIN CERTIFICATE');
});

test('the key of the keychain is handed over, or the log says why there is none', async () => {
  const hasVault = await running.app.evaluate(({ safeStorage }) => {
    const isPlain = process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text';
    return !isPlain && safeStorage.isEncryptionAvailable();
  });
  const log = await readFile(path.join(home.dir, 'gateway.log'), 'utf8');
  expect(log.includes('The keychain of the system is not used')).toBe(!hasVault);
  const keyFile = await readFile(path.join(home.dir, 'user-data', 'keychain-key')).catch(() => undefined);
  expect(keyFile !== undefined).toBe(hasVault);
});
