// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own syntax
import { expect, test } from 'vitest'
import { expandTree } from './expand-tree.ts'
import { redacted } from './secret.ts'
import { parseSource } from './yaml-source.ts'

const ENV = { HOME: '/home/ada', WORD: 'hunter2' }

test.for<[text: string, shown: unknown]>([
  ['a: plain', { a: 'plain' }],
  ['a: ${env:HOME}/x', { a: '${env:HOME}/x' }],
  ['a: ${env:NOPE:-30m}', { a: '30m' }],
  ['a: ${env:NOPE:-${env:HOME}/y}', { a: '${env:HOME}/y' }],
  ['a: ["${env:WORD}", b]', { a: ['${env:WORD}', 'b'] }],
  ['api_key: hunter2', { api_key: '[REDACTED]' }],
  ['api_key: ${env:WORD}', { api_key: '[REDACTED]' }],
  ['apiToken: 12345', { apiToken: '[REDACTED]' }],
  ['client_secret: [hunter2]', { client_secret: ['[REDACTED]'] }],
  ['PASSWORD: hunter2', { PASSWORD: '[REDACTED]' }],
  ['Authorization: Bearer hunter2', { Authorization: '[REDACTED]' }],
  [
    'headers: { x-team: hunter2, nested: { deep: hunter2 } }',
    { headers: { 'x-team': '[REDACTED]', nested: { deep: '[REDACTED]' } } },
  ],
  ['token_efficiency: { target: 0.01, enabled: true }', { token_efficiency: { target: 0.01, enabled: true } }],
  ['token: ""', { token: '' }],
  ['endpoint: http://ada:hunter2@host:4318/a@b', { endpoint: 'http://[REDACTED]@host:4318/a@b' }],
  ['keys:', { keys: null }],
])('%s is shown', ([text, shown]) => {
  const { root } = expandTree(parseSource({ file: 'p.yaml', text }).root, ENV)
  expect(redacted(root)).toEqual({ ...Object(shown), service: { storage: { directory: '~/.claude/telemetry' } } })
})
