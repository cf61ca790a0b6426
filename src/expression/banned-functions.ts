/** Functions of CEL and its dialects that are refused with a reason, not as unknown. */
interface Ban {
  readonly message: string;
  readonly hint: string;
}

const NO_REGEX: Ban = {
  message: 'matches() is not available: a regular expression can run for ever',
  hint: 'Use startsWith, endsWith, contains, or an activity',
};
const NO_BYTES: Ban = {
  message: 'Bytes are not supported',
  hint: 'JSON has no bytes: work with strings, or in an activity',
};

export const BANNED_FUNCTIONS: ReadonlyMap<string, Ban> = new Map([
  ['matches', NO_REGEX],
  ['bytes', NO_BYTES],
  [
    'uint',
    {
      message: 'Unsigned integers are not supported',
      hint: 'JSON has one kind of number: use int() or double()',
    },
  ],
  [
    'bind',
    {
      message: 'cel.bind() is not available: what it hides could not be priced',
      hint: 'Set a variable in outputs and read it in the next expression',
    },
  ],
]);
