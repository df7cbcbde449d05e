// The tool `browser`: one command of a model, carried out in its own profile, told back with the page's words marked.
import { AppError, isAppError } from '../shared/app-error.js';
import { errorResult, textResult, type Tool, type ToolContext, type ToolResult } from '../tools/index.js';
import type { BrowserService } from './browser-service.js';
import { browserStatus, profileFacts } from './browser-status.js';
import { keepDownloads, keepFile } from './keep-files.js';
import { DEFAULT_SNAPSHOT_CHARS, EFFICIENT_SNAPSHOT_CHARS } from './limits.js';
import type { PageCommand, PageOptions, UploadFile } from './messages.js';
import { ACT_KINDS, type Args, numberOf, readPageOptions, textOf, textsOf } from './read-options.js';
import { outcomeText } from './tool-text.js';
import type { Outcome } from './worker-link.js';

const PAGE_ACTIONS = [
  'tabs',
  'open',
  'focus',
  'close',
  'navigate',
  'snapshot',
  'act',
  'screenshot',
  'pdf',
  'console',
  'dialog',
] as const satisfies readonly PageCommand[];

const text = { type: 'string' };
const flag = { type: 'boolean' };
const number = { type: 'integer', minimum: 0 };

const PARAMETERS = {
  type: 'object',
  properties: {
    action: { type: 'string', enum: ['status', 'profiles', 'start', 'stop', ...PAGE_ACTIONS, 'upload'] },
    profile: { ...text, description: 'Leave out for your own.' },
    targetId: { ...text, description: 'Tab; default the last used.' },
    url: { ...text, description: 'open, navigate (also back, forward, reload), wait.' },
    ref: { ...text, description: 'Element of the last snapshot, e.g. e12.' },
    kind: { type: 'string', enum: ACT_KINDS, description: 'For act.' },
    text: { ...text, description: 'type; wait until it shows; scroll up or down.' },
    textGone: text,
    key: { ...text, description: 'press, e.g. Enter.' },
    submit: { ...flag, description: 'Enter after type.' },
    doubleClick: flag,
    button: { type: 'string', enum: ['left', 'right', 'middle'] },
    toRef: { ...text, description: 'drag target.' },
    values: { type: 'array', items: text, description: 'select.' },
    fields: {
      type: 'array',
      description: 'fill.',
      items: { type: 'object', properties: { ref: text, text, checked: flag }, required: ['ref'] },
    },
    script: { ...text, description: 'evaluate: a JavaScript expression.' },
    waitMs: number,
    fullPage: flag,
    depth: number,
    maxChars: number,
    limit: number,
    accept: { ...flag, description: 'dialog: answer of the next one.' },
    promptText: text,
    path: { ...text, description: 'pdf: where to save.' },
    paths: { type: 'array', items: text, description: 'upload: files for the input ref.' },
    timeoutMs: number,
  },
  required: ['action'],
};

const DESCRIPTION =
  'Use a web browser. open a url, take a snapshot (text with refs), act on refs, snapshot again after the page changed. ' +
  'screenshot shows the page, pdf saves it; downloads land in the workspace.';

const MAX_UPLOAD_BYTES = 20_000_000;

interface Call {
  service: BrowserService;
  args: Args;
  context: ToolContext;
}

async function uploads({ args, context }: Call): Promise<UploadFile[]> {
  const { files } = await context.workplace();
  const paths = textsOf(args, 'paths');
  if (paths.length === 0) throw new AppError('request.invalid', { message: '`paths` is empty.' });
  return Promise.all(
    paths.map(async (path) => ({
      name: path.split(/[\\/]/).at(-1) ?? path,
      data: await files.read(path, { maxBytes: MAX_UPLOAD_BYTES, signal: context.signal }),
    })),
  );
}

/** What the call means for the page. */
async function pageOptions(call: Call, action: string): Promise<PageOptions> {
  const options = readPageOptions(call.args);
  if (action === 'upload') return { ...options, kind: 'upload', files: await uploads(call) };
  if (action !== 'snapshot') return options;
  const isEfficient = call.service.options.config().browser?.snapshotDefaults?.mode === 'efficient';
  return {
    ...options,
    maxChars: options.maxChars ?? (isEfficient ? EFFICIENT_SNAPSHOT_CHARS : DEFAULT_SNAPSHOT_CHARS),
  };
}

async function keepAll({ context, args }: Call, outcome: Outcome): Promise<{ files: string[]; notes: string[] }> {
  const { kept, problems } = await keepDownloads(context, outcome.downloads ?? []);
  const saved = outcome.pdf && (await keepFile(context, outcome.pdf, { path: textOf(args, 'path'), name: 'page.pdf' }));
  const files = [...kept, ...(saved ? [saved] : [])];
  return {
    files: files.map(({ path }) => path),
    notes: [...files.map(({ path, bytes }) => `Saved ${path} (${bytes} bytes).`), ...problems],
  };
}

async function onPage(call: Call, action: string): Promise<ToolResult> {
  const { service, args, context } = call;
  const name = action === 'upload' ? 'act' : (action as PageCommand);
  const profile = textOf(args, 'profile');
  const timeoutMs = numberOf(args, 'timeoutMs') || undefined;
  const page = await pageOptions(call, action);
  const asker = { agentId: context.agentId, owner: context.sessionKey };
  const outcome = await service.ask({ ...page, name, profile, timeoutMs }, asker, context.signal);
  const { files, notes } = await keepAll(call, outcome);
  const done = [`Done: ${action}`, page.kind, page.ref, outcome.targetId && `(tab ${outcome.targetId})`];
  const words = outcomeText({ done: done.filter(Boolean).join(' '), outcome, notes }, service.options.wrapExternal);
  const { targetId, url, title } = outcome;
  const result = textResult(words, { action, targetId, url, title, ...(files.length > 0 && { files }) });
  const { picture } = outcome;
  if (!picture) return result;
  const data = Buffer.from(picture.data).toString('base64');
  return { ...result, content: [...result.content, { type: 'image', data, mimeType: picture.mimeType }] };
}

async function onBrowser({ service, args, context }: Call, action: string): Promise<ToolResult> {
  if (action === 'profiles') {
    const profiles = await profileFacts(service);
    const lines = profiles.map(({ name, running }) => `${name}: ${running ? 'running' : 'not running'}`);
    return textResult(lines.join('\n'), { profiles });
  }
  const profile = service.profile(textOf(args, 'profile'), context.agentId).name;
  const asker = { agentId: context.agentId, owner: context.sessionKey };
  if (action !== 'status') await service.ask({ name: action as 'start' | 'stop', profile }, asker, context.signal);
  const status = await browserStatus(service, profile);
  const words = `The browser of the profile ${profile} is ${status.running ? 'running' : 'not running'}.`;
  return textResult(words, status);
}

async function execute(call: Call): Promise<ToolResult> {
  const action = textOf(call.args, 'action') ?? 'status';
  try {
    if (['status', 'profiles', 'start', 'stop'].includes(action)) return await onBrowser(call, action);
    if (action === 'upload' || PAGE_ACTIONS.some((known) => known === action)) return await onPage(call, action);
  } catch (error) {
    const said = isAppError(error, 'browser.script_failed') ? error.details?.fromPage : undefined;
    if (typeof said !== 'string') throw error;
    const { wrapExternal } = call.service.options;
    return errorResult(`The script failed in the page.\n${wrapExternal(said, 'browser')}`);
  }
  return errorResult('There is no such action.');
}

/** Makes the tool. It throws AppError browser.*, tool.* and request.invalid. */
export function createBrowserTool(service: BrowserService): Tool {
  return {
    name: 'browser',
    label: 'Browser',
    group: 'ui',
    description: DESCRIPTION,
    parameters: PARAMETERS,
    isExclusive: true,
    execute: (args, context) => execute({ service, args, context }),
  };
}
