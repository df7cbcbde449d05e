// The result of `secrets audit`: its shape, its text, its exit code (spec/gateway-cli.md §6).

export type AuditCode = 'PLAINTEXT_FOUND' | 'REF_UNRESOLVED' | 'REF_SHADOWED' | 'LEGACY_RESIDUE';

export interface AuditFinding {
  code: AuditCode;
  severity: 'info' | 'warn' | 'error';
  file: string;
  jsonPath: string;
  message: string;
  provider?: string;
  profileId?: string;
}

export interface AuditResolution {
  refsChecked: number;
  skippedExecRefs: number;
  /** False when refs were passed over. */
  resolvabilityComplete: boolean;
}

export interface AuditReport {
  version: 1;
  status: 'clean' | 'findings' | 'unresolved';
  resolution: AuditResolution;
  filesScanned: string[];
  summary: {
    plaintextCount: number;
    unresolvedRefCount: number;
    shadowedRefCount: number;
    legacyResidueCount: number;
  };
  findings: AuditFinding[];
}

/** Puts findings together into the report. */
export function buildAuditReport(
  findings: AuditFinding[],
  filesScanned: readonly string[],
  resolution: AuditResolution,
): AuditReport {
  const count = (code: AuditCode) => findings.filter((finding) => finding.code === code).length;
  const summary = {
    plaintextCount: count('PLAINTEXT_FOUND'),
    unresolvedRefCount: count('REF_UNRESOLVED'),
    shadowedRefCount: count('REF_SHADOWED'),
    legacyResidueCount: count('LEGACY_RESIDUE'),
  };
  const status = summary.unresolvedRefCount > 0 ? 'unresolved' : findings.length > 0 ? 'findings' : 'clean';
  return {
    version: 1,
    status,
    resolution,
    filesScanned: [...new Set(filesScanned)].sort(),
    summary,
    findings,
  };
}

/** The report as the command prints it, without a final line break. */
export function formatAuditReport(report: AuditReport): string {
  const { summary, status, resolution } = report;
  const counts = `plaintext=${summary.plaintextCount}, unresolved=${summary.unresolvedRefCount}, shadowed=${summary.shadowedRefCount}, legacy=${summary.legacyResidueCount}`;
  const skipped = resolution.skippedExecRefs;
  return [
    `Secrets audit: ${status}. ${counts}.`,
    ...report.findings.map((finding) => `- [${finding.code}] ${finding.file}:${finding.jsonPath} ${finding.message}`),
    ...(skipped > 0 ? [`Not checked: ${skipped} exec reference(s). Run it with --allow-exec to check them.`] : []),
  ].join('\n');
}

/** 2 for a ref that cannot be read, 1 for other findings when `check` is set, else 0. */
export function auditExitCode(report: AuditReport, check: boolean): 0 | 1 | 2 {
  if (report.summary.unresolvedRefCount > 0) return 2;
  return check && report.findings.length > 0 ? 1 : 0;
}
