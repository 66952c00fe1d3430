import type { Layout, Panel, PanelPlugin } from './dashboard-schema.ts'
import type { CompositePart, LogQuery } from './query-schema.ts'

const COLUMNS = 12

export interface PanelText {
  readonly title: string
  readonly description: string
}

/** A line in a chart at which something is alarming. */
export interface ThresholdLine {
  readonly value: number
  readonly label: string
  readonly colour: 'Green' | 'Orange' | 'Red'
}

export interface NumberFormat {
  /** As SigNoz names units; empty: none. */
  readonly unit: string
  readonly decimals: number
}

const PLAIN: NumberFormat = { unit: '', decimals: 0 }
const visualization = { timePreference: 'global_time' } as const
const legend = { position: 'bottom', mode: 'list', customColors: null } as const
const axes = { softMin: null, softMax: null, isLogScale: false } as const

export function numberPanel(text: PanelText, parts: readonly CompositePart[], format: NumberFormat = PLAIN): Panel {
  const spec = { visualization, formatting: formatting(format), thresholds: null }
  return panel(text, { kind: 'signoz/NumberPanel', spec }, 'scalar', parts)
}

/** Sessions come seldom: points are shown, and gaps are never filled, which would be with zeros. */
export function linePanel(
  text: PanelText,
  parts: readonly CompositePart[],
  format: NumberFormat = PLAIN,
  lines: readonly ThresholdLine[] = [],
): Panel {
  const plugin: PanelPlugin = {
    kind: 'signoz/TimeSeriesPanel',
    spec: {
      visualization: { ...visualization, fillSpans: false },
      formatting: formatting(format),
      chartAppearance: {
        lineInterpolation: 'linear',
        showPoints: true,
        lineStyle: 'solid',
        fillMode: 'none',
        spanGaps: { fillOnlyBelow: false, fillLessThan: '' },
      },
      axes,
      legend,
      thresholds: lines.map(({ value, label, colour }) => ({ value, color: colour, unit: format.unit, label })),
    },
  }
  return panel(text, plugin, 'time_series', parts)
}

export function barPanel(text: PanelText, parts: readonly CompositePart[], format: NumberFormat = PLAIN): Panel {
  const spec = {
    visualization: { ...visualization, fillSpans: false, stackedBarChart: true },
    formatting: formatting(format),
    axes,
    legend,
    thresholds: null,
  }
  return panel(text, { kind: 'signoz/BarChartPanel', spec }, 'time_series', parts)
}

export function tablePanel(text: PanelText, parts: readonly CompositePart[], decimals = 3): Panel {
  const spec = {
    visualization,
    formatting: { columnUnits: {}, decimalPrecision: precision(decimals) },
    thresholds: null,
  }
  return panel(text, { kind: 'signoz/TablePanel', spec }, 'scalar', parts)
}

/** Records, one below the other, with some of their attributes. */
export function listPanel({ title, description }: PanelText, query: LogQuery, fields: readonly string[]): Panel {
  const selectFields = [
    { name: 'timestamp', fieldContext: 'log' as const, fieldDataType: '' as const },
    ...fields.map((name) => ({ name, fieldContext: 'attribute' as const, fieldDataType: 'string' as const })),
  ]
  return {
    kind: 'Panel',
    spec: {
      display: { name: title, description },
      plugin: { kind: 'signoz/ListPanel', spec: { selectFields } },
      queries: [{ kind: 'raw', spec: { name: query.name, plugin: { kind: 'signoz/BuilderQuery', spec: query } } }],
      links: [],
    },
  }
}

/** Panels below a heading, by their ids, each with its width and height. */
export interface Section {
  readonly title: string
  readonly open: boolean
  readonly width: number
  readonly height: number
  readonly panels: Readonly<Record<string, Panel>>
}

/** Places panels from left to right, as many as fit into a row. */
export function gridOf({ title, open, width, height, panels }: Section): Layout {
  const perRow = Math.floor(COLUMNS / width)
  return {
    kind: 'Grid',
    spec: {
      display: { title, collapse: { open } },
      items: Object.keys(panels).map((id, i) => ({
        x: (i % perRow) * width,
        y: Math.floor(i / perRow) * height,
        width,
        height,
        content: { $ref: `#/spec/panels/${id}` },
      })),
    },
  }
}

function panel(
  { title, description }: PanelText,
  plugin: PanelPlugin,
  kind: 'scalar' | 'time_series',
  parts: readonly CompositePart[],
): Panel {
  const queries = { kind: 'signoz/CompositeQuery' as const, spec: { queries: [...parts] } }
  return {
    kind: 'Panel',
    spec: { display: { name: title, description }, plugin, queries: [{ kind, spec: { plugin: queries } }], links: [] },
  }
}

function formatting({ unit, decimals }: NumberFormat) {
  return { unit, decimalPrecision: precision(decimals) }
}

function precision(decimals: number): '0' | '1' | '2' | '3' | '4' | 'full' {
  return (['0', '1', '2', '3', '4'] as const)[decimals] ?? 'full'
}
