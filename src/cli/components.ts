import type { Factory, Registry } from '#src/component.ts'
import { allComponents } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { ComponentsOptions } from './options.ts'
import { type Column, renderTable, tableStyle } from './table.ts'

const COLUMNS: readonly Column[] = [
  { header: 'kind' },
  { header: 'type' },
  { header: 'stability' },
  { header: 'signals' },
]
const INDENT = '  '

const CEL_COLUMNS: readonly Column[] = [
  { header: 'name' },
  { header: 'type' },
  { header: 'what it is', minWidth: 20, priority: 1 },
]

/** Lists the component types of this build, or with `cel` the names that expressions know. */
export async function run(options: ComponentsOptions, io: Io, registry?: Registry): Promise<number> {
  if (options.cel) return printCelNames(options, io)
  const factories = registry ?? (await allComponents())
  io.stdout.write(options.json ? `${JSON.stringify(factories.map(describe), null, 2)}\n` : listOf(factories, io))
  return EXIT.fine
}

// A description is a sentence, too long for a column.
function listOf(factories: Registry, io: Io): string {
  const style = tableStyle(io.stdout, io.env)
  const [header, ...rows] = renderTable(COLUMNS, factories.map(toRow), style).trimEnd().split('\n')
  const lines = rows.flatMap((row, i) => [row, ...wrap(factories[i]?.description ?? '', style.width - INDENT.length)])
  return `${[header, ...lines].join('\n')}\n`
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.map((line) => INDENT + line)
}

async function printCelNames({ json }: ComponentsOptions, io: Io): Promise<number> {
  const [{ celNames }, { KPI_NAMES }] = await Promise.all([
    import('#src/kpi/vocabulary.ts'),
    import('#src/kpi/table.ts'),
  ])
  const names = celNames({ kpis: KPI_NAMES, compared: true })
  io.stdout.write(
    json
      ? `${JSON.stringify(names, null, 2)}\n`
      : renderTable(
          CEL_COLUMNS,
          names.map(({ name, type, description }) => [name, type, description]),
          tableStyle(io.stdout, io.env),
        ),
  )
  return EXIT.fine
}

function describe(factory: Factory) {
  const { kind, type, stability, description } = factory
  return { kind, type, stability, ...signalsOf(factory), description }
}

function toRow(factory: Factory): readonly string[] {
  const { consumes = '', produces = '' } = signalsOf(factory)
  const arrow = consumes === '' || produces === '' ? '' : ' → '
  return [factory.kind, factory.type, factory.stability, `${consumes}${arrow}${produces}`]
}

function signalsOf(factory: Factory): { readonly consumes?: string; readonly produces?: string } {
  if (factory.kind === 'receiver') return { produces: factory.produces }
  if (factory.kind === 'exporter') return { consumes: factory.consumes }
  return { consumes: factory.consumes, produces: factory.produces }
}
