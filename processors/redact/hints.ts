/** A secret word: what is assigned to it may be one. */
const ASSIGNED = [
  'authorization',
  'cookie',
  'passw',
  'passphrase',
  '_pass',
  '-pass',
  'pwd',
  'secret',
  'token',
  ...['api', 'access', 'auth', 'private'].flatMap((what) => ['', '_', '-'].map((joint) => `${what}${joint}key`)),
  '_key',
  '_pat',
  'credential',
]

/** What a token follows, with a space between. */
const FOLLOWED = ['bearer']

/** How secrets begin that tell what they are. */
const BEGINNINGS = [
  '-----begin',
  'eyj',
  'sk-',
  ...['sk', 'pk', 'rk'].flatMap((kind) => [`${kind}_live_`, `${kind}_test_`]),
  ...[
    'ghp_',
    'gho_',
    'ghu_',
    'ghs_',
    'ghr_',
    'github_pat_',
    'glpat-',
    'xox',
    'xapp-',
    'aiza',
    'ya29.',
    'npm_',
    'pypi-',
  ],
  ...['hf_', 'sg.', 'dop_v1_', 'shpat_', 'shpca_', 'shppa_', 'shpss_', 'whsec_', 'age-secret-key-'],
  ...['akia', 'asia', 'agpa', 'aida', 'aroa', 'abia', 'acca'],
]

type Meaning = 'assigned' | 'followed' | 'secret'

interface Word {
  /** In small letters. */
  readonly bytes: Buffer
  readonly meaning: Meaning
}

const OTHER = 0
const LETTERS = 26
const DASH = 27
const UNDERSCORE = 28
const DOT = 29
const DIGIT = 30

/** By byte: letters, of either case, from 1 on; the other characters of words; 0 is all else. */
const CODES = Uint8Array.from({ length: 256 }, (_, byte) => {
  const letter = (byte | 0x20) - 0x60
  if (byte >= 0x41 && letter >= 1 && letter <= LETTERS) return letter
  if (byte >= 0x30 && byte <= 0x39) return DIGIT
  return { '-': DASH, _: UNDERSCORE, '.': DOT }[String.fromCharCode(byte)] ?? OTHER
})

const CODE_BITS = 5
/** Of three codes one after the other. */
const THREE = 2 ** (3 * CODE_BITS) - 1

const words: Word[][] = [[]]
/** By the codes of three characters the words that begin with them. */
const BY_BEGINNING = new Uint8Array(THREE + 1)

for (const [meaning, texts] of [
  ['assigned', ASSIGNED],
  ['followed', FOLLOWED],
  ['secret', BEGINNINGS],
] as const) {
  for (const text of texts) {
    const bytes = Buffer.from(text)
    let beginning = 0
    for (let at = 0; at < 3; at++) beginning = (beginning << CODE_BITS) | (CODES[bytes[at] ?? 0] ?? OTHER)
    const list = BY_BEGINNING[beginning] || words.push([]) - 1
    BY_BEGINNING[beginning] = list
    words[list]?.push({ bytes, meaning })
  }
}

const SPACE = 0x20
const COLON = 0x3a
const EQUALS = 0x3d
const AT = 0x40
const PLUS = 0x2b
const OPEN = 0x28
const CLOSE = 0x29
const NO_ASCII = 0x80

/** So many digits, with what may stand between them, may be a number that is nobody's business. */
const MIN_DIGITS = 9
const MIN_DIGITS_WITH_PLUS = 8
const IPV4_DIGITS = 4
const IPV4_DOTS = 3
/** Of an IPv6 address that is written in full. */
const IPV6_COLONS = 7

/**
 * Whether a text may hold one of the secrets that are known: by one look at each byte, without making text of them. No means
 * that no detector finds anything; yes means that they have to look.
 */
export function mayHoldSecret(bytes: Uint8Array, start: number, end: number): boolean {
  let three = 0
  let digits = 0
  let dots = 0
  let minDigits = MIN_DIGITS
  let colons = 0
  let assigns = false
  let spaces = false
  let secretWord = false
  let followedWord = false
  let before = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    const code = CODES[byte] ?? OTHER
    three = ((three << CODE_BITS) | code) & THREE
    if (code === DIGIT) {
      digits++
      if (digits >= minDigits || (dots >= IPV4_DOTS && digits >= IPV4_DIGITS)) return true
    } else if (code === DOT) dots++
    else if (code === DASH) {
      if (before === byte) assigns = true
    } else if (code !== OTHER) {
      digits = 0
      dots = 0
      minDigits = MIN_DIGITS
    } else if (byte === SPACE || byte === OPEN || byte === CLOSE) spaces = true
    else if (byte === PLUS) minDigits = MIN_DIGITS_WITH_PLUS
    else {
      if (byte === AT) return true
      if (byte === COLON) {
        if (before === COLON || ++colons >= IPV6_COLONS) return true
        assigns = true
      } else if (byte === EQUALS) assigns = true
      // Other spaces than the usual one.
      else if (byte < SPACE || byte >= NO_ASCII) spaces = true
      digits = 0
      dots = 0
      minDigits = MIN_DIGITS
    }
    before = byte
    const list = BY_BEGINNING[three] ?? 0
    if (list === 0) continue
    const meaning = meaningAt(bytes, start, at - 2, end, words[list] ?? [])
    if (meaning === 'secret') return true
    if (meaning === 'assigned') secretWord = true
    else if (meaning === 'followed') followedWord = true
  }
  return (secretWord && assigns) || (followedWord && (spaces || assigns))
}

function meaningAt(
  bytes: Uint8Array,
  start: number,
  at: number,
  end: number,
  candidates: readonly Word[],
): Meaning | undefined {
  const isWithinWord = at > start && isLetterOrDigit(bytes[at - 1] ?? 0) && isLetterOrDigit(bytes[at] ?? 0)
  let found: Meaning | undefined
  for (const { bytes: word, meaning } of candidates) {
    // What stands within a word is no beginning.
    if ((meaning === 'secret' && isWithinWord) || !isAt(word, bytes, at, end)) continue
    if (meaning === 'secret') return meaning
    found = meaning
  }
  return found
}

function isAt(word: Buffer, bytes: Uint8Array, start: number, end: number): boolean {
  if (start + word.length > end) return false
  for (let n = 3; n < word.length; n++) {
    const byte = bytes[start + n] ?? 0
    const isCapital = byte >= 0x41 && byte <= 0x5a
    if (word[n] !== (isCapital ? byte | 0x20 : byte)) return false
  }
  return true
}

function isLetterOrDigit(byte: number): boolean {
  const code = CODES[byte] ?? OTHER
  return code === DIGIT || (code >= 1 && code <= LETTERS)
}
