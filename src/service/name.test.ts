import { expect, test } from 'vitest'
import { isName } from './name.ts'

test.for([
  'PostToolUse.mood',
  'claude_hook.Sneeze',
  'claude_code.brand_new_event',
  'hook:builtin-post-tool',
  'transcript_line:brand-new',
  'gen_ai.client.inference.operation.details',
  'http/json',
  'TaskCompletedV2',
  'k8s.v1beta1.pod',
])('%s is a name', (text) => {
  expect(isName(text)).toBe(true)
})

test.for([
  '',
  'please write to ada',
  'PostToolUse.please write to ada',
  'ada@example.org',
  'card.4111111111111111',
  'order-12345',
  '406e1f60-399c-4f7b-8c2f-23eada68fdaa',
  'x.a06e1f6a-399c-4f7b-8c2f-a3eadac8fdaa',
  `ghp_${'a1B2'.repeat(9)}`,
  'x'.repeat(41),
  'a.'.repeat(61),
  'über',
  'a\nb',
  '7up',
])('%j is none', (text) => {
  expect(isName(text)).toBe(false)
})
