// Pure: the tiny page that stands in when the window's own page cannot be shown. Needs no file and no script.

export const CRASH_ACTIONS = ['retry', 'logs', 'quit'] as const;
export type CrashAction = (typeof CRASH_ACTIONS)[number];

const ACTION_PREFIX = 'app://crash/';

const LABELS: Record<CrashAction, string> = { retry: 'Open the window again', logs: 'Show log files', quit: 'Quit' };

/** Which button a navigation of the page stands for. */
export function readCrashAction(url: string): CrashAction | undefined {
  return CRASH_ACTIONS.find((action) => url === `${ACTION_PREFIX}${action}`);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

const STYLE = `
:root{color-scheme:light dark;--back:#fdfdfb;--text:#23201c;--muted:#5f5c57;--accent:#006977;--on-accent:#fff;--line:#dddcd8}
@media (prefers-color-scheme:dark){:root{--back:#141211;--text:#e9e8e5;--muted:#a5a39e;--accent:#64cacf;--on-accent:#07201f;--line:#45423e}}
body{margin:0;height:100vh;display:grid;place-content:center;background:var(--back);color:var(--text);font:14px/1.5 system-ui,sans-serif}
main{max-width:440px;padding:32px}
h1{margin:0 0 8px;font-size:18px;font-weight:600}
p{margin:0 0 16px;color:var(--muted)}
nav{display:flex;flex-wrap:wrap;gap:8px;margin-top:24px}
a{padding:6px 14px;border:1px solid var(--line);border-radius:6px;color:inherit;text-decoration:none}
a:first-child{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
code{font:12px/1.5 ui-monospace,monospace;user-select:text}`;

/** A complete data: address. `reason` is shown as it is. */
export function crashPageUrl(reason: string): string {
  const links = CRASH_ACTIONS.map((action) => `<a href="${ACTION_PREFIX}${action}">${LABELS[action]}</a>`).join('');
  const policy = `default-src 'none'; style-src 'unsafe-inline'`;
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><title>OpenClaw HQ</title><style>${STYLE}</style><main><h1>The window cannot be shown</h1><p>Its page failed twice. The gateway is not affected: agents go on working.</p><code>${escapeHtml(reason)}</code><nav>${links}</nav></main></html>`;
  return `data:text/html;charset=utf-8;base64,${Buffer.from(html).toString('base64')}`;
}
