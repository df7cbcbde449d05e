interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
  timedOut?: boolean;
}

type Checks = Record<string, (value: never) => unknown>;

interface Expected {
  /** Default 0. */
  exit?: number;
  stdout?: Array<string | RegExp>;
  stderr?: Array<string | RegExp>;
  notStdout?: string[];
  notStderr?: string[];
  json?: Checks;
}

/** The JSON value in an output, also when text stands before it. */
export function readJson(text: string): unknown;

/** Labels of the predicates that do not hold. */
export function judgeValue(value: unknown, checks: Checks): string[];

/** What is wrong with a result; empty when it is as expected. */
export function judge(result: CommandResult, expected: Expected): string[];
