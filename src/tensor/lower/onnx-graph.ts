// Builds one ONNX graph node by node. Names are made here; shapes are known to the caller.

import { create, toBinary } from "@bufbuild/protobuf";
import { invariant } from "../../errors.ts";
import {
  AttributeProto_AttributeType as AttributeType,
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType as DataType,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import type { DType, Shape } from "../tree.ts";

/** Domain of onnxruntime's blocked-layout operations on CPUs. */
export const NCHWC = "com.microsoft.nchwc";
/** Operation set: 17 is the newest in which ReduceMean takes its axes as an attribute. */
const OPSET = 17;
const DOMAINS = [
  ["", OPSET],
  ["com.microsoft", 1],
  [NCHWC, 1],
] as const;

const DATA_TYPES: Readonly<Record<DType | "bool", DataType>> = {
  float32: DataType.FLOAT,
  int64: DataType.INT64,
  uint8: DataType.UINT8,
  bool: DataType.BOOL,
};

/** Integers are written as they are; a float must be wrapped to tell 1 from 1.0. */
export type Attribute =
  | number
  | readonly number[]
  | string
  | OnnxGraph
  | { readonly float: number }
  | { readonly floats: readonly number[] };
export type Attributes = Readonly<Record<string, Attribute>>;
/** A dimension is a number, or a name for one that is free. */
export type ValueShape = readonly (number | string)[];

export class OnnxGraph {
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];
  readonly #constants = new Map<string, string>();
  /** Names must not clash between a graph and the graphs inside it. */
  readonly #prefix: string;
  readonly #freeBatch: number | undefined;
  readonly #reshaped = new Map<string, { readonly value: string; readonly shape: Shape }>();
  #made = 0;

  /** A leading dimension of the size `freeBatch` stands for a batch of any size: an unlikely number to trace with. */
  constructor(prefix = "v", freeBatch?: number) {
    this.#prefix = prefix;
    this.#freeBatch = freeBatch;
  }

  /** A graph to be an attribute of a node of this one; it sees this one's values, so their names differ. */
  inner(): OnnxGraph {
    return new OnnxGraph(`${this.#name()}_`);
  }

  get nodeCount(): number {
    return this.#nodes.length;
  }

  input(name: string, shape: ValueShape, dtype: DType | "bool" = "float32"): string {
    this.#inputs.push(valueInfo(name, this.#withFreeBatch(shape, "batch"), dtype));
    return name;
  }

  /** Gives the value the public name `name` and makes it an output. */
  output(name: string, value: string, shape: ValueShape, dtype: DType | "bool" = "float32"): void {
    this.#nodes.push(create(NodeProtoSchema, { opType: "Identity", name, input: [value], output: [name] }));
    this.#outputs.push(valueInfo(name, this.#withFreeBatch(shape, "batch"), dtype));
  }

  /** Makes the value an output under the name it has, which is returned; a name for two outputs would need a copy. */
  result(value: string, shape: ValueShape, dtype: DType | "bool" = "float32"): string {
    const taken = [...this.#inputs, ...this.#outputs, ...this.#initializers].some(({ name }) => name === value);
    const name = taken ? this.node("Identity", [value]) : value;
    this.#outputs.push(valueInfo(name, shape, dtype));
    return name;
  }

  node(opType: string, inputs: readonly string[], attributes: Attributes = {}, domain = ""): string {
    return this.nodes(opType, inputs, 1, attributes, domain)[0]!;
  }

  /** A node with several results. */
  nodes(
    opType: string,
    inputs: readonly string[],
    results: number,
    attributes: Attributes = {},
    domain = "",
  ): string[] {
    const output = Array.from({ length: results }, () => this.#name());
    const attribute = Object.entries(attributes).map(([name, value]) => attributeProto(name, value));
    this.#nodes.push(
      create(NodeProtoSchema, { opType, domain, name: output[0]!, input: [...inputs], output, attribute }),
    );
    return output;
  }

  nchwc(opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.node(opType, inputs, attributes, NCHWC);
  }

  /** Where the value's present shape is given as `from`, a later reshape back to it is the value itself. */
  reshape(value: string, shape: Shape, from?: Shape): string {
    const origin = this.#reshaped.get(value);
    if (origin && origin.shape.join() === shape.join()) return origin.value;
    const result = this.node("Reshape", [value, this.ints(this.#withFreeBatch(shape, 0))]); // 0: as in the input
    if (from) this.#reshaped.set(result, { value, shape: from });
    return result;
  }

  /** The value that a reshape with a known present shape was made of, and that shape; else the value itself. */
  origin(value: string, shape: Shape): { readonly value: string; readonly shape: Shape } {
    return this.#reshaped.get(value) ?? { value, shape };
  }

  #withFreeBatch<Free extends string | number, D extends string | number>(
    shape: readonly D[],
    free: Free,
  ): (D | Free)[] {
    return shape.map((d, i) => (i === 0 && d === this.#freeBatch ? free : d));
  }

  /** A one-dimensional int64 constant. */
  ints(values: readonly number[]): string {
    const isFixed = this.#freeBatch === undefined || !values.includes(this.#freeBatch);
    invariant(isFixed, () => `the size of a free batch would be written into the graph: [${values.join(", ")}]`);
    return this.#constant(`i${values.join()}`, DataType.INT64, [values.length], () =>
      BigInt64Array.from(values, BigInt),
    );
  }

  scalar(value: number): string {
    return this.#constant(`f${value}`, DataType.FLOAT, [], () => Float32Array.of(value));
  }

  /** A float32 constant; long ones are not compared with earlier ones. */
  floats(data: Float32Array, shape: Shape): string {
    const key = data.length <= 1024 ? `f${shape.join()}:${data.join()}` : undefined;
    return this.#constant(key, DataType.FLOAT, shape, () => data);
  }

  /** A constant of whole numbers of 8 or 32 bits. */
  whole(data: Uint8Array | Int8Array | Int32Array, shape: Shape): string {
    const type =
      data instanceof Uint8Array ? DataType.UINT8 : data instanceof Int8Array ? DataType.INT8 : DataType.INT32;
    return this.#constant(undefined, type, shape, () => data);
  }

  bool(value: boolean): string {
    return this.#constant(`b${value}`, DataType.BOOL, [], () => Uint8Array.of(value ? 1 : 0));
  }

  /** The graph as an ONNX model, with free-form metadata. */
  toModel(metadata: Readonly<Record<string, string>> = {}): Uint8Array {
    const graph = this.toProto();
    const used = domainsOf(graph);
    const model = create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: "pudnet",
      graph,
      opsetImport: DOMAINS.filter(([domain]) => domain === "" || used.has(domain)).map(([domain, version]) => ({
        domain,
        version: BigInt(version),
      })),
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    });
    return toBinary(ModelProtoSchema, model);
  }

  toProto(): GraphProto {
    return create(GraphProtoSchema, {
      name: this.#prefix,
      node: this.#nodes,
      initializer: this.#initializers,
      input: this.#inputs,
      output: this.#outputs,
    });
  }

  #name(): string {
    return `${this.#prefix}${this.#made++}`;
  }

  #constant(key: string | undefined, dataType: DataType, dims: Shape, data: () => ArrayBufferView): string {
    const known = key === undefined ? undefined : this.#constants.get(key);
    if (known) return known;
    const name = this.#name();
    const { buffer, byteOffset, byteLength } = data();
    const rawData = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    this.#initializers.push(create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt), rawData }));
    if (key !== undefined) this.#constants.set(key, name);
    return name;
  }
}

/** The operator sets that the nodes of a graph and of the graphs inside it belong to. */
function domainsOf({ node }: GraphProto): Set<string> {
  const inside = node.flatMap(({ attribute }) => attribute.flatMap(({ g }) => (g ? [...domainsOf(g)] : [])));
  return new Set([...node.map(({ domain }) => domain), ...inside]);
}

function valueInfo(name: string, shape: ValueShape, dtype: DType | "bool"): ValueInfoProto {
  const dim = shape.map((d) => ({
    value:
      typeof d === "number"
        ? ({ case: "dimValue", value: BigInt(d) } as const)
        : ({ case: "dimParam", value: d } as const),
  }));
  const tensorType = { elemType: DATA_TYPES[dtype], shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: "tensorType", value: tensorType } } });
}

function attributeProto(name: string, value: Attribute): AttributeProto {
  const fields = (): Partial<AttributeProto> => {
    if (value instanceof OnnxGraph) return { type: AttributeType.GRAPH, g: value.toProto() };
    if (typeof value === "string") return { type: AttributeType.STRING, s: new TextEncoder().encode(value) };
    if (typeof value === "number") return { type: AttributeType.INT, i: BigInt(value) };
    if ("float" in value) return { type: AttributeType.FLOAT, f: value.float };
    if ("floats" in value) return { type: AttributeType.FLOATS, floats: [...value.floats] };
    return { type: AttributeType.INTS, ints: value.map(BigInt) };
  };
  return create(AttributeProtoSchema, { name, ...(fields() as object) });
}
