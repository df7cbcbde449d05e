// Compares what a command did with what its row expects.

/** The JSON value in an output: all of it, or from the first line that opens an object or array. */
export function readJson(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    const start = text.search(/^[{[]/m);
    if (start < 0) throw error;
    return JSON.parse(text.slice(start));
  }
}

function missing(name, text, wanted = []) {
  return wanted
    .filter((part) => (part instanceof RegExp ? !part.test(text) : !text.includes(part)))
    .map((part) => `${name} lacks ${part instanceof RegExp ? part : JSON.stringify(part)}`);
}

function present(name, text, unwanted = []) {
  return unwanted.filter((part) => text.includes(part)).map((part) => `${name} has ${JSON.stringify(part)}`);
}

/** Runs named predicates over a value; a predicate that throws counts as false. */
export function judgeValue(value, checks) {
  return Object.entries(checks).flatMap(([label, holds]) => {
    try {
      return holds(value) ? [] : [`not so: ${label}`];
    } catch (error) {
      return [`not so: ${label} (${error.message})`];
    }
  });
}

function judgeJson(stdout, checks) {
  if (!checks) return [];
  let value;
  try {
    value = readJson(stdout);
  } catch {
    return ['stdout holds no JSON'];
  }
  return judgeValue(value, checks);
}

/** What is wrong with a result `{code, stdout, stderr, timedOut}`; empty when it is as expected. */
export function judge(result, expected) {
  if (result.timedOut) return ['did not end in time'];
  const { exit = 0 } = expected;
  return [
    ...(result.code === exit ? [] : [`exit ${result.code}, expected ${exit}`]),
    ...missing('stdout', result.stdout, expected.stdout),
    ...missing('stderr', result.stderr, expected.stderr),
    ...present('stdout', result.stdout, expected.notStdout),
    ...present('stderr', result.stderr, expected.notStderr),
    ...judgeJson(result.stdout, expected.json),
  ];
}
