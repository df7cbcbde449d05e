// Carries out repairs. The config is written once, with a backup; files are renamed, never deleted.
import { chmod } from 'node:fs/promises';
import type { ConfigEdit } from '../../config/index.js';
import { errorMessage } from '../../shared/app-error.js';
import { ensureFolder, moveAside } from '../../shared/json-file.js';
import { asSentence } from '../commands/secrets-apply.js';
import { changeConfig } from '../config-writing.js';
import type { CommandContext } from '../context.js';
import type { Finding, Repair } from './finding.js';

export interface RepairOutcome {
  done: string[];
  failed: string[];
}

type FileRepair = Exclude<Repair, { kind: 'config' }>;

const isConfig = (repair: Repair): repair is Extract<Repair, { kind: 'config' }> => repair.kind === 'config';

async function carryOut(repair: FileRepair): Promise<string> {
  switch (repair.kind) {
    case 'permissions':
      await chmod(repair.path, repair.mode);
      return `${repair.path} is yours alone (mode ${repair.mode.toString(8)}).`;
    case 'folder':
      await ensureFolder(repair.path);
      return `Made ${repair.path}.`;
    case 'rename':
      await moveAside(repair.from, repair.to);
      return `Put aside: ${repair.to}`;
  }
}

async function writeConfig(context: CommandContext, edits: readonly ConfigEdit[]): Promise<string> {
  const { path, existed, commentsLost } = await changeConfig(context, edits, 'doctor --fix').catch((error: unknown) => {
    throw asSentence(error);
  });
  const kept = existed ? ` The version before is ${path}.bak.` : '';
  const comments = commentsLost ? ' Its comments are only there.' : '';
  return `Wrote ${path}.${kept}${comments}`;
}

/** Repairs what can be repaired; one failure does not keep the others from being tried. */
export async function repairAll(context: CommandContext, findings: readonly Finding[]): Promise<RepairOutcome> {
  const repairs = findings.flatMap((finding) => finding.repairs ?? []);
  const edits = repairs.filter(isConfig).flatMap((repair) => repair.edits);
  const others = repairs.filter((repair): repair is FileRepair => !isConfig(repair));
  const steps = [
    ...others.map((repair) => () => carryOut(repair)),
    ...(edits.length > 0 ? [() => writeConfig(context, edits)] : []),
  ];
  const outcome: RepairOutcome = { done: [], failed: [] };
  for (const step of steps) {
    try {
      outcome.done.push(await step());
    } catch (error) {
      outcome.failed.push(errorMessage(error));
    }
  }
  return outcome;
}
