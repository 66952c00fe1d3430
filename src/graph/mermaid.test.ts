import { expect, test } from 'vitest'
import { loadConfig } from '#src/config/load.ts'
import { renderMermaid } from './mermaid.ts'
import { recordingRegistry } from './recording.fixture.ts'

test('a graph has shared ends, one subgraph per pipeline and signals on its edges', () => {
  expect(
    draw(`
receivers: { in: , in/2: }
processors: { group: , measure: , mask: }
exporters: { out: , raw: }
service:
  pipelines:
    sessions: { receivers: [in, in/2], processors: [group, measure], exporters: [out] }
    raw: { receivers: [in], processors: [mask], exporters: [raw] }
`),
  ).toBe(`flowchart LR
  n0(["in"])
  n1(["in/2"])
  subgraph p0["sessions"]
    n4["group"]
    n5["measure"]
    n6[("ledger")]
  end
  subgraph p1["raw"]
    n7["mask"]
  end
  n2[/"out"/]
  n3[/"raw"/]
  n0 -->|telemetry| n4
  n1 -->|telemetry| n4
  n4 -->|session| n5
  n5 -->|assessment| n6
  n6 -->|assessment| n2
  n0 -->|telemetry| n7
  n7 -->|telemetry| n3
`)
})

test('a pipeline without processors is an edge', () => {
  expect(
    draw(
      'receivers: { in: }\nexporters: { raw: }\nservice: { pipelines: { a: { receivers: [in], exporters: [raw] } } }',
    ),
  ).toBe('flowchart LR\n  n0(["in"])\n  n1[/"raw"/]\n  n0 -->|telemetry| n1\n')
})

test('names cannot be read as syntax', () => {
  const text =
    'receivers: { "in/\\"]<b>": }\nprocessors: { mask: }\nexporters: { raw: }\nservice: { pipelines: { "#x": { receivers: ["in/\\"]<b>"], processors: [mask], exporters: [raw] } } }'
  const drawn = draw(text)
  expect(drawn).toContain('n0(["in/#34;]#60;b#62;"])')
  expect(drawn).toContain('subgraph p0["#35;x"]')
})

function draw(text: string): string {
  return renderMermaid(
    loadConfig({ sources: [{ file: 'p.yaml', text }], sets: [], env: { HOME: '/h' } }, recordingRegistry()),
  )
}
