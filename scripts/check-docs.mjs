// Checks that links between our pages lead somewhere and that the files named in the tours exist.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const TOURS = 'docs/tours.md';

const withoutCode = (text) => text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '`code`');

/** The anchor that a heading gets. */
export function headingAnchor(heading) {
  const plain = heading.replace(/[`*_]/g, '').trim().toLowerCase();
  return plain.replace(/[^\p{L}\p{N} -]/gu, '').replaceAll(' ', '-');
}

/** The anchors of all headings of a page. */
export function listAnchors(text) {
  const outside = text.replace(/```[\s\S]*?```/g, '');
  return [...outside.matchAll(/^#{1,6} +(.+)$/gm)].map((match) => headingAnchor(match[1]));
}

/** Links to files of ours: `{ target, anchor }`, addresses left out. */
export function listLinks(text) {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1])
    .filter((link) => !/^[a-z]+:/i.test(link))
    .map((link) => {
      const [target, anchor] = link.split('#');
      return { target, anchor };
    });
}

/** The files that a tour names: every list item that starts with a path in backticks. */
export function listTourFiles(text) {
  return [...text.matchAll(/^\d+\. `([^`]+)`/gm)].map((match) => match[1]);
}

function listPages() {
  const docs = readdirSync(path.join(ROOT, 'docs'), { recursive: true })
    .map((file) => `docs/${String(file).split(path.sep).join('/')}`)
    .filter((file) => file.endsWith('.md'));
  return ['README.md', 'CONTRIBUTING.md', ...docs];
}

const readPage = (file) => readFileSync(path.join(ROOT, file), 'utf8');

function checkLinks(page) {
  return listLinks(readPage(page)).flatMap(({ target, anchor }) => {
    const file = target === '' ? page : path.posix.join(path.posix.dirname(page), target);
    if (!existsSync(path.join(ROOT, file))) return [`${page} links to ${file}, which does not exist`];
    if (!anchor || !file.endsWith('.md') || listAnchors(readPage(file)).includes(anchor)) return [];
    return [`${page} links to ${file}#${anchor}, but there is no such heading`];
  });
}

function main() {
  const pages = listPages();
  const tourFiles = listTourFiles(readPage(TOURS));
  const lost = tourFiles.filter((file) => !existsSync(path.join(ROOT, file)));
  const faults = [...pages.flatMap(checkLinks), ...lost.map((file) => `${TOURS} names ${file}, which does not exist`)];
  for (const fault of faults) console.log(fault);
  console.log(`docs: ${pages.length} pages, ${tourFiles.length} tour stops, ${faults.length} faults`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();
