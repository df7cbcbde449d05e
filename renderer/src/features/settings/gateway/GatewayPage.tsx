// Settings → Gateway: where it listens and who may sign in.
import { useState } from 'react';
import { useServices } from '../../../app/services-context.js';
import { REDACTED } from '../../../../../gateway-core/src/protocol/index.js';
import { readReloadMode, type ReloadMode } from '../../../data/restart-rules.js';
import { t } from '../../../i18n/t.js';
import { CopyButton } from '../../../ui/ErrorPanel.js';
import { CommitField, Select } from '../../../ui/Field.js';
import { WithCode } from '../../../ui/WithCode.js';
import { ConfigRow, rowLabels, SaveMark, SettingRow, useConfigSetting } from '../SettingRow.js';
import { SettingsPage, WithConfig } from '../SettingsPage.js';
import { useGatewayAddress } from './gateway-address.js';

const DEFAULT_PORT = 18_789;
const BINDS = ['loopback', 'lan', 'tailnet', 'auto', 'custom'] as const;
const AUTH_MODES = ['token', 'password', 'trusted-proxy', 'none'] as const;
const RELOAD_MODES: readonly ReloadMode[] = ['hybrid', 'hot', 'restart', 'off'];

/** The port a person typed, or undefined for anything that is none. */
export function parsePort(text: string): number | undefined {
  const value = Number(text.trim());
  return /^\d+$/.test(text.trim()) && value >= 1 && value <= 65_535 ? value : undefined;
}

/** The address of the window after the port has changed. */
export function withPort(href: string, port: string): string {
  const url = new URL(href);
  url.port = port;
  url.hash = '';
  return url.href;
}

function AddressRow() {
  const address = useGatewayAddress();
  const lines = address ? [address.page, address.socket] : [];
  return (
    <SettingRow id="gateway-address">
      {lines.length === 0 && <p className="mt-2 text-muted">{t('gateway.address.none')}</p>}
      <div className="mt-2 space-y-1.5">
        {lines.map((line, index) => (
          <div key={line} className="flex items-center gap-3 rounded-md bg-sunken p-1.5 pl-3">
            <span className="w-20 shrink-0 text-12 text-muted">
              {t(index === 0 ? 'gateway.address.page' : 'gateway.address.socket')}
            </span>
            <code className="min-w-0 flex-1 truncate font-mono text-12">{line}</code>
            <CopyButton small text={line} name={t('action.copy')} />
          </div>
        ))}
      </div>
    </SettingRow>
  );
}

function PortRow() {
  const path = ['gateway', 'port'];
  const { desktop } = useServices();
  const { value, set, isWaiting } = useConfigSetting(path);
  const [isWrong, setWrong] = useState(false);
  const shown = String(typeof value === 'number' ? value : DEFAULT_PORT);
  const commit = (text: string) => {
    const port = parsePort(text);
    setWrong(port === undefined);
    if (port !== undefined) set(port === DEFAULT_PORT ? undefined : port);
  };
  return (
    <ConfigRow
      id="gateway-port"
      path={path}
      control={
        <CommitField
          {...rowLabels('gateway-port')}
          inputMode="numeric"
          className="w-24 tabular-nums"
          value={shown}
          aria-invalid={isWrong}
          onCommit={commit}
        />
      }
    >
      {isWrong && (
        <p role="alert" className="mt-1 text-error">
          {t('gateway.port.wrong')}
        </p>
      )}
      {isWaiting && !desktop && (
        <p className="mt-1 text-12 text-muted">
          {t('gateway.port.after', { url: withPort(window.location.href, shown) })}
        </p>
      )}
    </ConfigRow>
  );
}

function BindRow() {
  const path = ['gateway', 'bind'];
  const { value, set } = useConfigSetting(path);
  const host = useConfigSetting(['gateway', 'customBindHost']);
  const auth = useConfigSetting(['gateway', 'auth', 'mode']);
  const bind = BINDS.find((one) => one === value) ?? 'loopback';
  return (
    <ConfigRow
      id="gateway-bind"
      path={path}
      control={
        <Select
          {...rowLabels('gateway-bind')}
          className="w-56"
          value={bind}
          options={BINDS.map((one) => ({ value: one, label: t(`gateway.bind.${one}`) }))}
          onChoose={set}
        />
      }
    >
      {bind === 'custom' && (
        <label className="mt-3 flex flex-wrap items-center gap-3">
          <span>{t('gateway.bind.host')}</span>
          <CommitField
            className="w-56 font-mono"
            placeholder="192.168.1.20"
            value={typeof host.value === 'string' ? host.value : ''}
            onCommit={(text) => host.set(text.trim() || undefined)}
          />
          <SaveMark path={['gateway', 'customBindHost']} />
        </label>
      )}
      {bind !== 'loopback' && auth.value === 'none' && <p className="mt-2 text-warning">{t('gateway.bind.open')}</p>}
    </ConfigRow>
  );
}

function PasswordField() {
  const path = ['gateway', 'auth', 'password'];
  const { value, set } = useConfigSetting(path);
  const isKept = value === REDACTED || (typeof value === 'object' && value !== null);
  return (
    <label className="mt-3 flex flex-wrap items-center gap-3">
      <span>{t('gateway.auth.passwordField')}</span>
      <CommitField
        type="password"
        autoComplete="new-password"
        className="w-56"
        placeholder={isKept ? t('gateway.auth.passwordKept') : t('gateway.auth.passwordNone')}
        value={isKept || typeof value !== 'string' ? '' : value}
        onCommit={(text) => {
          if (text !== '') set(text);
        }}
      />
      <SaveMark path={path} />
    </label>
  );
}

function AuthRow() {
  const path = ['gateway', 'auth', 'mode'];
  const { value, set } = useConfigSetting(path);
  const mode = AUTH_MODES.find((one) => one === value) ?? 'token';
  return (
    <ConfigRow
      id="gateway-auth"
      path={path}
      control={
        <Select
          {...rowLabels('gateway-auth')}
          className="w-56"
          value={mode}
          options={AUTH_MODES.map((one) => ({ value: one, label: t(`gateway.auth.${one}`) }))}
          onChoose={set}
        />
      }
    >
      <p className={mode === 'none' ? 'mt-2 text-warning' : 'mt-2 text-12 text-muted'}>
        <WithCode text={t(`gateway.auth.${mode}.about`)} />
      </p>
      {mode === 'password' && <PasswordField />}
    </ConfigRow>
  );
}

function ReloadRow() {
  const path = ['gateway', 'reload', 'mode'];
  const { value, set } = useConfigSetting(path);
  const mode = readReloadMode(value);
  return (
    <ConfigRow
      id="gateway-reload"
      path={path}
      control={
        <Select
          {...rowLabels('gateway-reload')}
          className="w-64"
          value={mode}
          options={RELOAD_MODES.map((one) => ({ value: one, label: t(`gateway.reload.${one}`) }))}
          onChoose={set}
        />
      }
    >
      <p className="mt-2 text-12 text-muted">{t(`gateway.reload.${mode}.about`)}</p>
    </ConfigRow>
  );
}

export function GatewayPage() {
  return (
    <SettingsPage title={t('settings.page.gateway')} lead={t('gateway.lead')}>
      <AddressRow />
      <WithConfig>
        <PortRow />
        <BindRow />
        <AuthRow />
        <ReloadRow />
      </WithConfig>
    </SettingsPage>
  );
}
