// Checks what the linter does not: names of files, and comments that switch a check off.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const FOLDERS = ['gateway-core', 'electron', 'renderer', 'e2e', 'scripts'];
const SOURCE = /\.(ts|tsx|mts|mjs|cjs|js)$/;
const PAGE = 'CONTRIBUTING.md#rules-the-checks-hold';

const VAGUE_WORDS = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'manager', 'misc', 'stuff']);
// The two entries of the window hold no component of their own.
const COMPONENT = /^([A-Z][A-Za-z0-9]*|main|routes)(\.test)?\.tsx$/;
const FILE = /^[a-z0-9]+([.-][a-z0-9]+)*$/;

const SWITCHED_OFF = [
  [/(?:es|ox)lint-disable/, 'switches the linter off'],
  [/@ts-(?:ignore|nocheck|expect-error)/, 'switches the type checker off'],
  [/\b(?:test|it|describe)\.(?:only|skip|todo)\b/, 'leaves tests out'],
];

/** What is wrong with the name of one file; undefined when nothing is. `file` is relative, with `/`. */
export function judgeName(file) {
  const parts = file.split('/');
  const name = parts.at(-1);
  const vague = parts.flatMap((part) => part.split(/[.-]/)).find((word) => VAGUE_WORDS.has(word.toLowerCase()));
  if (vague) return `"${vague}" says nothing about what lives there`;
  const fits = name.endsWith('.tsx') ? COMPONENT.test(name) : FILE.test(name);
  if (fits) return undefined;
  return name.endsWith('.tsx') ? 'a component file is named in PascalCase' : 'a file is named in kebab-case';
}

/** What is wrong with the text of one file, one entry per line that has something. */
export function judgeText(text) {
  return text.split('\n').flatMap((line, index) => {
    const fault = SWITCHED_OFF.find(([pattern]) => pattern.test(line));
    return fault ? [{ line: index + 1, fault: fault[1] }] : [];
  });
}

function listSources(folder) {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && SOURCE.test(entry.name))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath ?? entry.path, entry.name)))
    .filter((file) => !file.includes('node_modules'))
    .map((file) => file.split(path.sep).join('/'));
}

function main() {
  const files = FOLDERS.flatMap(listSources).filter((file) => !/^scripts\/check-(lint|house-rules)/.test(file));
  const faults = files.flatMap((file) => {
    const name = judgeName(file);
    const lines = judgeText(readFileSync(path.join(ROOT, file), 'utf8'));
    return [...(name ? [`${file}: ${name}`] : []), ...lines.map(({ line, fault }) => `${file}:${line} ${fault}`)];
  });
  for (const fault of faults) console.log(fault);
  if (faults.length > 0) console.log(`\nThe rules: ${PAGE}`);
  console.log(`house rules: ${files.length} files, ${faults.length === 0 ? 'no break' : `${faults.length} breaks`}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();
