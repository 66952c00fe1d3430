import { describe, expect, test } from 'vitest'
import { customDetector } from './custom-patterns.ts'
import { DETECTORS } from './detectors.ts'
import { mayHoldSecret } from './hints.ts'

function masked(text: string): string {
  return DETECTORS.reduce((before, detector) => detector.mask(before).text, text)
}

function mayHold(text: string): boolean {
  const bytes = Buffer.from(text)
  return mayHoldSecret(bytes, 0, bytes.length)
}

const PEM = ['-----BEGIN RSA PRIVATE KEY-----', 'MIIEpAIBAAKCAQEA', '-----END RSA PRIVATE KEY-----'].join('\n')
// Put together here: whole ones would alarm those who look for secrets in repositories.
const GITHUB = `ghp_${'a1B2'.repeat(9)}`
const ANTHROPIC = `sk-ant-api03-${'x9_Y'.repeat(8)}`
const STRIPE = `sk_live_${'4eC39HqLyjWD'}`
const SLACK = `xoxb-${'123456789012'}-abcdefABCDEF`
const AWS = `AKIA${'IOSFODNN7EXAMPLE'}`
const JWT = `eyJhbGciOiJIUzI1NiJ9.${'eyJzdWIiOiIxIn0'}.dozjgNryP4J3jVmN`

test.for<[text: string, masked: string]>([
  [`key:\n${PEM}\nend`, 'key:\n[masked:private_key]\nend'],
  [`${PEM}${PEM}`, '[masked:private_key][masked:private_key]'],
  [PEM.slice(0, 50), '[masked:private_key]'],
  [`jwt ${JWT}.`, 'jwt [masked:jwt].'],
  ['Authorization: Bearer abcdef0123456789', 'Authorization: Bearer [masked:bearer]'],
  ['"authorization":"Basic YWRhOnNlY3JldA=="', '"authorization":"Basic [masked:bearer]"'],
  ['Authorization: Bearer ab', 'Authorization: Bearer [masked:bearer]'],
  ['Authorization: ApiKey q1w2', 'Authorization: ApiKey [masked:bearer]'],
  ['-H "Authorization: Basic YTpi" x', '-H "Authorization: Basic [masked:bearer]" x'],
  ['proxy-authorization: NTLM TlRM=', 'proxy-authorization: NTLM [masked:bearer]'],
  ['Authorization: Strange a1b2c3d4 next', 'Authorization: [masked:bearer] next'],
  ['x-auth: Bearer abcdef', 'x-auth: Bearer [masked:bearer]'],
  ['the bearer ab12 of', 'the bearer [masked:bearer] of'],
  ['Cookie: sid=abc; theme=dark\r\nHost: x', 'Cookie: [masked:cookie]\r\nHost: x'],
  ['{"set-cookie":"sid=abc; Path=/","n":1}', '{"set-cookie":"[masked:cookie]","n":1}'],
  ["curl --cookie 'sid=abc' x", "curl --cookie '[masked:cookie]' x"],
  [`use ${GITHUB} here`, 'use [masked:api_key] here'],
  [ANTHROPIC, '[masked:api_key]'],
  [STRIPE, '[masked:api_key]'],
  [SLACK, '[masked:api_key]'],
  [`id=${AWS}`, 'id=[masked:aws_key]'],
  ['postgres://ada:hunter2@db/x', 'postgres://[masked:url_credentials]@db/x'],
  ['password=hunter2 next', 'password=[masked:secret] next'],
  ['DB_PASSWORD: hunter2', 'DB_PASSWORD: [masked:secret]'],
  ['{"token": "abc def", "n": 1}', '{"token": "[masked:secret]", "n": 1}'],
  ['{\\"api_key\\":\\"abc\\",\\"n\\":1}', '{\\"api_key\\":\\"[masked:secret]\\",\\"n\\":1}'],
  ['{"secret":"a\\"b","n":1}', '{"secret":"[masked:secret]","n":1}'],
  ["client_secret = 'a b'", "client_secret = '[masked:secret]'"],
  ['AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI', 'AWS_SECRET_ACCESS_KEY=[masked:secret]'],
  ['DB_PASS=hun(ter2 next', 'DB_PASS=[masked:secret] next'],
  ['export MYSQL_PWD=a1; ls', 'export MYSQL_PWD=[masked:secret]; ls'],
  ['db_pass: hunter2', 'db_pass: [masked:secret]'],
  ['MY_SIGNING_KEY="a b"', 'MY_SIGNING_KEY="[masked:secret]"'],
  ['APP_SECRET=xyz APP_TOKEN=uvw', 'APP_SECRET=[masked:secret] APP_TOKEN=[masked:secret]'],
  ['run --api-key abcdef now', 'run --api-key [masked:secret] now'],
  ['mail ada@example.org, now', 'mail [masked:email], now'],
  ['jürgen.müller+x@müller.example', '[masked:email]'],
  ['card 4111 1111 1111 1111 123', 'card [masked:card] 123'],
  ['4111 1111 1111 1111 078', '[masked:card] 078'],
  ['12 5500-0000-0000-0004', '12 [masked:card]'],
  ['378282246310005', '[masked:card]'],
  ['ssn 078-05-1120', 'ssn [masked:ssn]'],
  ['call +49 (0) 30 123456-78', 'call [masked:phone]'],
  ['(555) 234-5678', '[masked:phone]'],
  ['tel:+14155550123', 'tel:[masked:phone]'],
  ['from 203.0.113.7:443', 'from [masked:ip]:443'],
  ['[2001:db8::8a2e:370:7334]:443', '[[masked:ip]]:443'],
  ['fe80::1%eth0: timeout', '[masked:ip]: timeout'],
])('%j becomes %j', ([text, expected]) => {
  expect(masked(text)).toBe(expected)
  expect(masked(expected)).toBe(expected)
  expect(mayHold(text)).toBe(true)
})

test.for([
  '',
  'claude_code.tool_result',
  '406e1f60-399c-4f7b-8c2f-23eada68fdaa',
  '0af7651916cd43dd8448eb211c80319c',
  'toolu_01A09q90qw90lq917835lq9',
  'req_011CSHoEeqs5C35K2UUqR7Fy',
  'claude-opus-5-5-20260801',
  '2026-11-20T10:07:46.772Z',
  '1763633266772000000',
  '1763633266772',
  'version 2.1.328, node 26.10.0, 1.2.3.4.5',
  '127.0.0.1:4328 and 0.0.0.0 and ::1',
  'std::vector and abc::def at 10:07:46',
  'input_tokens: 4000, output_tokens=17',
  'a bearer of news; bearer authentication',
  // Digits of a length, with a beginning and a check digit as a card has them.
  'a1b2c3d4-5e6f-4111-4111-111111111111',
  '3f2a9c01-aaaa-bbbb-4111-111111111111',
  '00-4111111111111111-b7ad6b7169203331-01',
  'deadbeef4111111111111111',
  '4111111111111111.5',
  '51111111111111104',
  'primary_key=identifier, sort_key: abcdef',
  'tests: pass=12 fail=34, PASS: 120',
  'cookie: none given',
  '4111 1111 1111 1112',
  '+1234 lines, -12',
  'sk-learn and task-force',
  '/home/ada/work/src/main.ts:10:5',
  'https://example.org/a?b=c',
  '@decorator and user@localhost',
])('%j is left as it is', (text) => {
  expect(masked(text)).toBe(text)
})

// Patterns that look at a stretch again and again would take hours for these.
test.for([
  ['letters', 'a'],
  ['digits', '1'],
  ['groups of digits', '1 '],
  ['beginnings of tokens', 'eyJ'],
  ['beginnings of tokens with dots', 'eyJaaaaaa.'],
  ['beginnings of keys', '-----BEGIN PRIVATE KEY-----'],
  ['beginnings of addresses', 'a@a.'],
  ['slashes', '://'],
  ['colons', ':'],
  ['hexadecimal groups', 'a1:'],
  ['plus signs', '+1 '],
  ['assignments', 'password='],
  ['assignments to variables', 'A_KEY='],
  ['beginnings of variables', 'A_'],
  ['headers', 'authorization: '],
  ['cookies', 'cookie:'],
  ['quotes', 'token:"\\'],
  ['flags', '--a-'],
  ['spaces', ' '],
] as const)('a megabyte of %s', ([, part]) => {
  const text = part.repeat(Math.ceil(2 ** 20 / part.length))
  for (const detector of DETECTORS) expect(detector.mask(text).text.length).toBeGreaterThan(0)
})

describe('patterns of the configuration', () => {
  test('mask what they match, and are counted', () => {
    const { text, count } = customDetector('ticket', 'ACME-[0-9]{4}').mask('ACME-1234, ACME-12, ACME-5678')
    expect([text, count]).toEqual(['[masked:ticket], ACME-12, [masked:ticket]', 2])
  })

  test('are linear, whatever they are', () => {
    const hostile = 'a'.repeat(20_000)
    expect(customDetector('hostile', '(a+)+$|(a|aa)+b').mask(`${hostile}!`)).toEqual({ text: `${hostile}!`, count: 0 })
  })

  test.for(['(', '(?=a)', 'a*', '(a)\\1', 'a{1,99999}'])('%j is refused', (source) => {
    expect(() => customDetector('x', source)).toThrow(/^expected a pattern/)
  })
})
