// Runs the steps of `npm test` (or of `npm run check`) one after another, stops at the first that fails,
// and ends with one line of totals. Usage: node scripts/test.mjs [check | <step>…]
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHECK_STEPS, countStep, summaryLine, TEST_STEPS } from './test-steps.mjs';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const LOGS = path.join(ROOT, 'test-results', 'logs');
const TAIL_LINES = 300;

function stepEnv() {
  const bin = path.join(ROOT, 'node_modules', '.bin');
  return { ...process.env, NO_COLOR: '1', PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` };
}

/** Runs one command with its output in a log file; resolves to its exit code. */
function runLogged([file, ...args], logFile) {
  return new Promise((resolve) => {
    const log = createWriteStream(logFile);
    const finish = (code) => log.end(() => resolve(code));
    const options = {
      cwd: ROOT,
      env: stepEnv(),
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    };
    const child = spawn(file, args, options);
    const stop = (signal) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.on('error', (error) => {
      log.write(`${file} did not start: ${error.message}\n`);
      finish(127);
    });
    child.on('close', (code) => {
      for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, stop);
      finish(code ?? 1);
    });
  });
}

function readReport(step) {
  if (!step.report) return undefined;
  try {
    return JSON.parse(readFileSync(path.join(ROOT, step.report), 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') console.log(`  ${step.report} cannot be read: ${error.message}`);
    return undefined;
  }
}

function showFailure(step, logFile) {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  const shown = lines.slice(-TAIL_LINES);
  if (shown.length < lines.length)
    console.log(`… ${lines.length - shown.length} lines before; all of them: ${logFile}`);
  console.log(shown.join('\n'));
  console.log(`\nStopped at "${step.name}": ${step.command.join(' ')}`);
}

/** Runs one step, prints its line, and resolves to its exit code and counts. */
async function runStep(step) {
  const logFile = path.join(LOGS, `${step.name.replace(/\W+/g, '-')}.log`);
  if (step.report) rmSync(path.join(ROOT, step.report), { force: true });
  const startedAt = performance.now();
  const exitCode = await runLogged(step.command, logFile);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const counts = countStep(exitCode, readReport(step));
  const tests = step.report ? `  ${summaryLine(counts)}` : '';
  console.log(`${exitCode === 0 ? 'ok  ' : 'FAIL'}  ${step.name.padEnd(16)} ${seconds.padStart(6)} s${tests}`);
  if (exitCode !== 0) showFailure(step, logFile);
  return { exitCode, counts };
}

function chooseSteps(names) {
  if (names.length === 0) return TEST_STEPS;
  if (names[0] === 'check') return CHECK_STEPS;
  return TEST_STEPS.filter((step) => names.includes(step.name));
}

async function main() {
  mkdirSync(LOGS, { recursive: true });
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const step of chooseSteps(process.argv.slice(2))) {
    const { exitCode, counts } = await runStep(step);
    for (const key of Object.keys(total)) total[key] += counts[key];
    if (exitCode !== 0) {
      process.exitCode = 1;
      break;
    }
  }
  console.log(`\n${summaryLine(total)}`);
}

await main();
