import { isIPv4, isIPv6 } from 'node:net'
import { cardNumbers } from './card-numbers.ts'
import { type Detector, patternDetector } from './detector.ts'
import { privateKeys } from './private-keys.ts'

// Each pattern is linear: it begins at a boundary or a literal, so that no stretch of text is looked at by many attempts,
// and what repeats is bounded or cannot be split in two ways.

/** Three parts, of which the first begins as `{"` does in Base64. */
const JWT = /(?<![\w-])eyJ[\w-]{5,}\.[\w-]{4,}\.[\w-]*/g

const BEARER = /(\bbearer[\s:]{1,8})[\w.~+/=-]{4,}/gi
/** As the value of something, a token may be of any form. */
const BEARER_VALUE = /((?:[:=]\s{0,4}\\?["']?|["'])bearer\s{1,4})[\w.~+/=-]+/gi

const SCHEME = '(?:bearer|basic|digest|token|negotiate|ntlm|api-?key|key|hawk|dpop|oauth|ssws|aws4-hmac-sha256)'
const HEADER = `(?<![A-Za-z])authorization\\\\?["']?\\s{0,4}[:=]\\s{0,4}\\\\?["']?`
/** Behind a scheme that is known, whatever it is, with its further parts. */
const AUTHORIZATION = new RegExp(
  `(${HEADER}${SCHEME}\\s{1,4})(?!\\[masked:)[^\\s"'\\\\,]+(?:,\\s{0,4}[\\w-]{1,30}=[^\\s"'\\\\,]+)*`,
  'gi',
)
/** Without one the first word, and the second where it looks like a token: the first was a scheme that nobody knows. */
const OTHER_AUTHORIZATION = new RegExp(
  `(${HEADER})(?!${SCHEME}\\b)[\\w.~+/=-]{4,}(?:[ \\t]{1,4}(?=[^\\s"'\\\\]{0,40}\\d)[\\w.~+/=-]{4,})?`,
  'gi',
)

/** To the end of the line or the quote: what follows the first cookie may be others, or its attributes. */
const COOKIE = /((?:\b(?:set-)?cookie\\?["']?\s{0,4}[:=]|--cookie)\s{0,4}\\?["']?)(?=[^\r\n"'\\]{1,200}=)[^\r\n"'\\]+/gi

/** Keys and tokens that services mark by how they begin. */
const API_KEY = new RegExp(
  `(?<![A-Za-z0-9])(?:${[
    'sk-(?:ant-|proj-|svcacct-|or-)?[\\w-]{16,}',
    '[spr]k_(?:live|test)_\\w{10,}',
    'gh[pousr]_\\w{20,}',
    'github_pat_\\w{20,}',
    'glpat-[\\w-]{16,}',
    'xox[abeoprs]-[\\w-]{10,}',
    'xapp-[\\w-]{10,}',
    'AIza[\\w-]{30,}',
    'ya29\\.[\\w-]{10,}',
    'npm_\\w{20,}',
    'pypi-[\\w-]{20,}',
    'hf_\\w{20,}',
    'SG\\.[\\w-]{10,}\\.[\\w-]{10,}',
    'dop_v1_\\w{20,}',
    'shp(?:at|ca|pa|ss)_\\w{20,}',
    'whsec_\\w{16,}',
    'AGE-SECRET-KEY-1\\w{20,}',
  ].join('|')})`,
  'g',
)

const AWS_KEY = /(?<![A-Za-z0-9])(?:AKIA|ASIA|AGPA|AIDA|AROA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g

const URL_CREDENTIALS = /(:\/\/)[^\s/@:"']{0,100}:[^\s/@"']{1,300}(?=@)/g

const SECRET_WORD =
  '(?:pass(?:word|wd|phrase)|(?<=[_-])pass|pwd|secret(?:[_-]?key)?|token|api[_-]?key|access[_-]?key|auth[_-]?key|private[_-]?key|credentials?)'

/** `DB_PASS=…`, `SIGNING_KEY="…"`, as shells and their files have them. */
const ASSIGNED_VARIABLE =
  /((?<![A-Za-z0-9_])[A-Z][A-Z0-9_]{0,60}_(?:PASS|PWD|SECRET|TOKEN|KEY|PAT)(?:\\?["'])?\s{0,4}[:=]\s{0,4}(?:\\?["'])?)(?!\[masked:)(?:(?<=["'])[^"'\\]+|[^\s"'\\;&|]+)/g

/** `password=…`, `"token": "…"`, `--api-key …`; within quotes up to the quote that ends it. */
const ASSIGNED_SECRET = new RegExp(
  `((?:${SECRET_WORD}(?:\\\\?["'])?\\s{0,4}(?::|=>?)\\s{0,4}|--[a-z-]{0,30}${SECRET_WORD}\\s{1,4})(?:\\\\?["'])?)` +
    `(?:(?<=\\\\["'])(?:[^"'\\\\]|\\\\[^"'])+|(?<=")(?:[^"\\\\]|\\\\.)+|(?<=')(?:[^'\\\\]|\\\\.)+|[^\\s"'\\\\,;&(){}<>\\[\\]]{3,})`,
  'gi',
)

const EMAIL = /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}[\p{L}\p{N}-]{2,63}/gu

const SOCIAL_SECURITY_NUMBER = /(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])/g

/** With a country code, or as North America writes them. */
const PHONE =
  /(?<![\w.+-])(?:\+\d(?:[ ().-]{0,2}\d){7,14}|(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4})(?![\w-])/g

const IPV4 = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)/g
const IPV6 = /(?<![\w:.])[0-9a-f:]{2,38}(?:[0-9a-f]|::)(?:%\w{1,15})?(?!\w|:[0-9a-f:])/gi

/** All kinds that are known, in the order in which they are looked for: the more telling first. */
export const DETECTORS: readonly Detector[] = [
  privateKeys,
  patternDetector('jwt', JWT),
  patternDetector('bearer', AUTHORIZATION),
  patternDetector('bearer', OTHER_AUTHORIZATION),
  patternDetector('bearer', BEARER_VALUE),
  patternDetector('bearer', BEARER, isTokenLike),
  patternDetector('cookie', COOKIE),
  patternDetector('api_key', API_KEY),
  patternDetector('aws_key', AWS_KEY),
  patternDetector('url_credentials', URL_CREDENTIALS),
  patternDetector('secret', ASSIGNED_VARIABLE),
  patternDetector('secret', ASSIGNED_SECRET),
  patternDetector('email', EMAIL),
  cardNumbers,
  patternDetector('ssn', SOCIAL_SECURITY_NUMBER),
  patternDetector('phone', PHONE),
  patternDetector('ip', IPV4, isForeignIPv4),
  patternDetector('ip', IPV6, isForeignIPv6),
]

export const KINDS: readonly string[] = [...new Set(DETECTORS.map(({ kind }) => kind))]

/** «Bearer authentication» is no token. */
function isTokenLike(token: string): boolean {
  return token.length >= 20 || /\d/.test(token)
}

/** Addresses of the machine itself tell nothing. */
function isForeignIPv4(address: string): boolean {
  return isIPv4(address) && !address.startsWith('127.') && address !== '0.0.0.0'
}

/** `abc::def` is a name in many languages. */
function isForeignIPv6(address: string): boolean {
  return /\d/.test(address) && address !== '::1' && isIPv6(address)
}
