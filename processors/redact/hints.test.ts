import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DETECTORS } from './detectors.ts'
import { mayHoldSecret } from './hints.ts'

/** Of what secrets are made, with what may stand around them. */
const PIECES = [
  ...[
    '-----BEGIN RSA PRIVATE KEY-----',
    'eyJhbGciOi',
    'eyJzdWIiOi',
    'Bearer',
    'bEaReR',
    'Authorization',
    'basic',
    'Cookie',
    'set-cookie',
  ],
  ...[
    'sid=abc',
    'sk-',
    'sk_live_',
    'pk_test_',
    'ghp_',
    'github_pat_',
    'glpat-',
    'xoxb-',
    'xapp-',
    'AIza',
    'ya29.',
    'npm_',
    'pypi-',
  ],
  ...[
    'hf_',
    'SG.',
    'dop_v1_',
    'shpat_',
    'whsec_',
    'AGE-SECRET-KEY-1',
    'AKIA',
    'ASIA',
    'AROA',
    '://',
    'ada:pw@',
    '@example.org',
  ],
  ...[
    'password',
    'PASS',
    'DB_PASS',
    'pwd',
    'passphrase',
    'secret',
    'secret-key',
    'token',
    'api_key',
    'apikey',
    'ACCESS-KEY',
    'auth_key',
  ],
  ...[
    'private_key',
    'credentials',
    'A_KEY',
    'MY_PAT',
    '--',
    '--token',
    'a1B2c3D4e5F6g7H8i9J0',
    '4111111111111111',
    '4111 1111 1111 1111',
  ],
  ...[
    '5500-0000-0000-0004',
    '078-05-1120',
    '+49 30 1234567',
    '+12345678',
    '555-234-5678',
    '(555) 234-5678',
    '203.0.113.7',
    '1.2.3.4',
  ],
  ...['2001:db8::8a2e:370:7334', 'fe80::1', '1:2:3:4:5:6:7:8', 'ab', 'Z', '9', '42'],
  ...[
    ' ',
    '  ',
    '\t',
    '\n',
    '\u00a0',
    ':',
    '=',
    '=>',
    '"',
    "'",
    '\\"',
    '.',
    '-',
    '_',
    ',',
    ';',
    '/',
    '(',
    'ü',
    '\ud83d',
  ],
] as const

/** What a detector finds is never overlooked before it is asked. */
test('where a detector finds something there was a hint', () => {
  const texts = fc
    .array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...PIECES) }, fc.string({ maxLength: 12 })), {
      maxLength: 9,
    })
    .map((pieces) => pieces.join(''))
  let found = 0
  fc.assert(
    fc.property(texts, (text) => {
      const bytes = Buffer.from(`before${text}behind`)
      if (mayHoldSecret(bytes, 6, bytes.length - 6)) return
      for (const detector of DETECTORS)
        expect(detector.mask(text).count, `${detector.kind} in ${JSON.stringify(text)}`).toBe(0)
      found += 1
    }),
    { numRuns: 20_000 },
  )
  expect(found).toBeGreaterThan(1000)
})

/** Otherwise everything that agents send would be looked at by all detectors. */
test.for([
  'claude_code.hook_execution_complete',
  'PostToolUse:Read',
  '2026-02-14T12:00:00.250Z',
  '3f2a9c01-aaaa-bbbb-cccc-dddddddddddd',
  'xterm-256color',
  'firstParty',
  'claude-opus-5-5',
  'toolu_01A09q90qw90lq917835lq9',
  '/home/ada/work/src/main.ts',
  'a message of the agent about its second task',
])('%j gives no hint', (text) => {
  const bytes = Buffer.from(text)
  expect(mayHoldSecret(bytes, 0, bytes.length)).toBe(false)
})
