// Puts what a browser made or fetched into the workspace, under names that a page cannot abuse.
import { type ToolContext, type WorkplaceFiles } from '../tools/index.js';
import type { Download } from './messages.js';

const FOLDER = 'downloads';
const MAX_NAME = 100;
const MAX_TRIES = 200;

export interface KeptFile {
  path: string;
  bytes: number;
}

/** A plain file name: no folders, nothing hidden, nothing that a system reads as a device. Pure. */
export function safeName(suggested: string): string {
  const last = suggested.split(/[\\/]/).at(-1) ?? '';
  const plain = last
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._ -]/gu, '_')
    .replace(/^[. ]+|[. ]+$/g, '');
  const isDevice = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(plain);
  const name = plain === '' || isDevice ? `file-${plain}`.replace(/-$/, '') : plain;
  if (name.length <= MAX_NAME) return name;
  const extension = /\.[^.]{1,10}$/.exec(name)?.[0] ?? '';
  return name.slice(0, MAX_NAME - extension.length) + extension;
}

/** `report.pdf`, `report-2.pdf`, … */
function numbered(name: string, number: number): string {
  if (number === 1) return name;
  const dot = name.lastIndexOf('.');
  return dot > 0 ? `${name.slice(0, dot)}-${number}${name.slice(dot)}` : `${name}-${number}`;
}

async function freePath(files: WorkplaceFiles, name: string): Promise<string> {
  for (let number = 1; number < MAX_TRIES; number += 1) {
    const path = `${FOLDER}/${numbered(name, number)}`;
    if ((await files.stat(path)) === undefined) return path;
  }
  return `${FOLDER}/${numbered(name, MAX_TRIES)}`;
}

/** Writes at `path`, or under a free name in `downloads`. Throws AppError tool.path_outside. */
export async function keepFile(
  context: ToolContext,
  data: Uint8Array,
  choice: { path?: string; name: string },
): Promise<KeptFile> {
  const { files } = await context.workplace();
  const path = choice.path ?? (await freePath(files, safeName(choice.name)));
  await files.write(path, Buffer.from(data), { signal: context.signal });
  return { path, bytes: data.length };
}

/** Keeps what was downloaded; says what was not. */
export async function keepDownloads(
  context: ToolContext,
  downloads: readonly Download[],
): Promise<{ kept: KeptFile[]; problems: string[] }> {
  const kept: KeptFile[] = [];
  const problems: string[] = [];
  for (const { name, data, problem } of downloads) {
    if (data) kept.push(await keepFile(context, data, { name }));
    else problems.push(problem ?? 'The download failed.');
  }
  return { kept, problems };
}
