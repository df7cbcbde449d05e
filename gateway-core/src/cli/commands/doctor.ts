// `openclaw doctor`: looks for what is wrong here, says it, and repairs what it can when asked.
import type { CommandContext } from '../context.js';
import { examine } from '../doctor/checks.js';
import type { Finding } from '../doctor/finding.js';
import { gatherFacts } from '../doctor/gather.js';
import { repairAll, type RepairOutcome } from '../doctor/repair.js';
import { askYesNo } from '../prompts.js';

export interface DoctorOptions {
  deep?: boolean;
  fix?: boolean;
  repair?: boolean;
  yes?: boolean;
  nonInteractive?: boolean;
  generateGatewayToken?: boolean;
  check?: boolean;
  json?: boolean;
}

const LEVELS = ['error', 'warning', 'info', 'ok'] as const;
const SIGN_IN = 'gateway.sign-in';

/** The findings as text, one section after the other. */
export function findingLines(findings: readonly Finding[]): string[] {
  const sections = [...new Set(findings.map(({ section }) => section))];
  return sections.flatMap((section) => [
    section,
    ...findings
      .filter((finding) => finding.section === section)
      .flatMap(({ level, message, hint }) => [
        `  ${level.padEnd(7)} ${message}`,
        ...(hint ? [`          ${hint}`] : []),
      ]),
    '',
  ]);
}

const isRepairable = (finding: Finding): boolean => (finding.repairs?.length ?? 0) > 0;

/** Which findings are to be repaired now; asks when somebody is there to answer. */
async function chosen(context: CommandContext, findings: readonly Finding[], options: DoctorOptions) {
  const possible = findings.filter(isRepairable);
  if (options.fix || options.repair || options.yes) return possible;
  const token = options.generateGatewayToken ? possible.filter(({ check }) => check === SIGN_IN) : [];
  if (possible.length === 0 || options.nonInteractive || options.json) return token;
  const prompts = await context.host.openPrompts?.();
  if (!prompts) return token;
  try {
    return (await askYesNo(prompts, `Repair ${possible.length} finding(s) now?`, false)) ? possible : token;
  } finally {
    prompts.close();
  }
}

function repairLines({ done, failed }: RepairOutcome): string[] {
  return [...done.map((line) => `fixed: ${line}`), ...failed.map((line) => `not fixed: ${line}`)];
}

function summaryOf(findings: readonly Finding[]): Record<(typeof LEVELS)[number], number> {
  const count = (level: string) => findings.filter((finding) => finding.level === level).length;
  return { error: count('error'), warning: count('warning'), info: count('info'), ok: count('ok') };
}

/** What repairs would write stays out: a fresh token is among it. */
function asJson(findings: readonly Finding[], outcome: RepairOutcome): unknown {
  return {
    ok: !findings.some(({ level }) => level === 'error'),
    summary: summaryOf(findings),
    findings: findings.map(({ repairs, ...finding }) => ({ ...finding, repairable: (repairs?.length ?? 0) > 0 })),
    fixed: outcome.done,
    notFixed: outcome.failed,
  };
}

export async function run(context: CommandContext, options: DoctorOptions): Promise<number> {
  const deep = options.deep ?? false;
  let findings = examine(await gatherFacts(context, { deep }));
  if (!options.json) for (const line of ['OpenClaw doctor', '', ...findingLines(findings)]) context.out(line);
  const wanted = await chosen(context, findings, options);
  const outcome = await repairAll(context, wanted);
  if (wanted.length > 0) findings = examine(await gatherFacts(context, { deep }));
  if (options.json) context.json(asJson(findings, outcome));
  else {
    for (const line of repairLines(outcome)) context.out(line);
    if (findings.some(isRepairable)) context.out('Run "openclaw doctor --fix" to apply changes.');
    context.out('Doctor complete.');
  }
  return options.check && findings.some(({ level }) => level === 'error') ? 1 : 0;
}
