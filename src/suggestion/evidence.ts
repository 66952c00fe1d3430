import { CUSTOM_DISPLAY, formatKpi } from '../kpi/format.ts'
import { kpiDefinition } from '../kpi/table.ts'
import type { LedgerLine } from '../model/assessment.ts'
import type { CompiledRule } from './rule.ts'

/** The numbers that speak for a suggestion, by what they mean; those that the session does not have are left out. */
export function evidenceNumbers({ evidence }: CompiledRule, line: LedgerLine): Readonly<Record<string, number>> {
  return Object.fromEntries(
    evidence.flatMap(([name, expression]) => {
      const result = expression.evaluate(line)
      return 'absent' in result ? [] : [[name, result.value] as const]
    }),
  )
}

/** The same in words, with the KPI that the rule is about: `Tool Overhead 1.73, usually 0.42 ± 0.11 (11.9 σ worse); …`. */
export function evidenceText(compiled: CompiledRule, line: LedgerLine): string {
  const numbers = Object.entries(evidenceNumbers(compiled, line)).map(
    ([name, value]) => `${name}: ${numberText(value)}`,
  )
  const { kpi } = compiled.rule
  return [...(kpi === undefined ? [] : kpiText(kpi, line)), ...numbers].join('; ')
}

function kpiText(kpi: string, line: LedgerLine): readonly string[] {
  const { kpis, baselines, std_devs, deviations, custom_kpis } = line
  const definition = kpiDefinition(kpi)
  const text = (value: number): string => formatKpi(value, definition ?? CUSTOM_DISPLAY)
  const value = kpis[kpi]
  if (value === undefined) return []
  const measured = `${custom_kpis?.[kpi]?.label ?? definition?.label ?? kpi} ${text(value)}`
  const [mean, stdDev, deviation] = [baselines[kpi], std_devs[kpi], deviations[kpi]]
  if (mean === undefined || stdDev === undefined || deviation === undefined) return [measured]
  const side = `${Math.abs(deviation).toFixed(1)} σ ${deviation < 0 ? 'better' : 'worse'}`
  return [`${measured}, usually ${text(mean)} ± ${text(stdDev)} (${side})`]
}

function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)))
}
