/** The other half of a `Helper`: a program answers its parent what a message made it do. */

/** An error is printed and ends the program, which the parent learns of. */
export function answerWith(work: Promise<object>): void {
  void work.then((result) => process.send?.(result), fail);
}

function fail(thrown: unknown): never {
  console.error(thrown);
  process.exit(1);
}
