// What is known about the gateway as a service of the operating system, and whether it runs.
import type { PortReport } from '../port-listeners.js';

export const SERVICE_LABELS: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'systemd',
  darwin: 'LaunchAgent',
  win32: 'Scheduled Task',
};

export interface ServiceReport {
  label: string;
  loaded: boolean;
  loadedText: string;
  notLoadedText: string;
  command: null;
  runtime: { status: 'running' | 'stopped' | 'unknown'; detail?: string; pid?: number };
  configAudit: { ok: boolean; issues: never[] };
}

function runtime(port: PortReport, answers: boolean | undefined): ServiceReport['runtime'] {
  const pid = port.listeners[0]?.pid;
  if (answers) return { status: 'running', ...(pid !== undefined && { pid, detail: `pid ${pid}` }) };
  if (port.status === 'free') return { status: 'stopped' };
  const asked = answers === undefined ? 'nobody asked who listens there' : 'no gateway answered there';
  return { status: 'unknown', detail: `port ${port.port} is in use, but ${asked}` };
}

/**
 * A gateway in the foreground counts as running: it answered on the local port; `answers` is undefined when nobody
 * asked. We install no services yet, so none is ever loaded.
 */
export function serviceReport(label: string, port: PortReport, answers: boolean | undefined): ServiceReport {
  const texts =
    label === 'systemd'
      ? { loadedText: 'enabled', notLoadedText: 'disabled' }
      : { loadedText: 'loaded', notLoadedText: 'not loaded' };
  return {
    label,
    loaded: false,
    ...texts,
    command: null,
    runtime: runtime(port, answers),
    configAudit: { ok: true, issues: [] },
  };
}
