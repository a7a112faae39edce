//! Writes `.tflite` files for the tests: a FlatBuffer of tables whose parts follow their tables.

/// A field of a table.
#[derive(Clone, Debug)]
pub enum Field {
    None,
    Byte(i8),
    Int(i32),
    Float(f32),
    Table(Vec<Field>),
    Tables(Vec<Vec<Field>>),
    Bytes(Vec<u8>),
    Ints(Vec<i32>),
    Floats(Vec<f32>),
    Longs(Vec<i64>),
}

/// A tensor of a model.
#[derive(Clone, Debug)]
pub struct Tensor {
    pub shape: Vec<i32>,
    /// 0 float32, 2 int32, 3 uint8, 9 int8.
    pub element: i8,
    pub scales: Vec<f32>,
    pub zero: i64,
    pub data: Vec<u8>,
}

impl Tensor {
    pub fn int8(shape: &[i32], scale: f32, zero: i64) -> Self {
        Self { shape: shape.into(), element: 9, scales: vec![scale], zero, data: Vec::new() }
    }

    pub fn weights(shape: &[i32], scales: Vec<f32>, data: &[i8]) -> Self {
        let data = data.iter().map(|w| *w as u8).collect();
        Self { shape: shape.into(), element: 9, scales, zero: 0, data }
    }

    pub fn ints(shape: &[i32], values: &[i32]) -> Self {
        let data = values.iter().flat_map(|n| n.to_le_bytes()).collect();
        Self { shape: shape.into(), element: 2, scales: Vec::new(), zero: 0, data }
    }
}

/// An operator of a model.
#[derive(Clone, Debug)]
pub struct Operator {
    pub code: i32,
    pub inputs: Vec<i32>,
    pub outputs: Vec<i32>,
    pub options: Vec<Field>,
}

/// A model with one graph.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub tensors: Vec<Tensor>,
    pub operators: Vec<Operator>,
    pub inputs: Vec<i32>,
    pub outputs: Vec<i32>,
}

impl Model {
    /// Adds a tensor; its number is returned.
    pub fn tensor(&mut self, tensor: Tensor) -> i32 {
        self.tensors.push(tensor);
        self.tensors.len() as i32 - 1
    }

    pub fn operator(&mut self, code: i32, inputs: &[i32], output: i32, options: Vec<Field>) {
        self.operators.push(Operator { code, inputs: inputs.into(), outputs: vec![output], options });
    }

    pub fn bytes(&self) -> Vec<u8> {
        let code =
            |number: i32| vec![Field::Byte(number.min(127) as i8), Field::None, Field::Int(1), Field::Int(number)];
        let tensor = |(index, tensor): (usize, &Tensor)| {
            let quant = match tensor.scales.is_empty() {
                true => Field::None,
                false => {
                    let zeros = vec![tensor.zero; tensor.scales.len()];
                    Field::Table(vec![
                        Field::None,
                        Field::None,
                        Field::Floats(tensor.scales.clone()),
                        Field::Longs(zeros),
                    ])
                }
            };
            let name = Field::Bytes(format!("t{index}").into_bytes());
            let buffer = if tensor.data.is_empty() { 0 } else { index as i32 + 1 };
            vec![Field::Ints(tensor.shape.clone()), Field::Byte(tensor.element), Field::Int(buffer), name, quant]
        };
        let operator = |(index, operator): (usize, &Operator)| {
            let (inputs, outputs) = (Field::Ints(operator.inputs.clone()), Field::Ints(operator.outputs.clone()));
            vec![Field::Int(index as i32), inputs, outputs, Field::Byte(0), Field::Table(operator.options.clone())]
        };
        let buffers = std::iter::once(vec![]).chain(self.tensors.iter().map(|t| vec![Field::Bytes(t.data.clone())]));
        let graph = vec![
            Field::Tables(self.tensors.iter().enumerate().map(tensor).collect()),
            Field::Ints(self.inputs.clone()),
            Field::Ints(self.outputs.clone()),
            Field::Tables(self.operators.iter().enumerate().map(operator).collect()),
        ];
        let model = vec![
            Field::Int(3),
            Field::Tables(self.operators.iter().map(|operator| code(operator.code)).collect()),
            Field::Tables(vec![graph]),
            Field::None,
            Field::Tables(buffers.collect()),
        ];
        let mut file = vec![0; 8];
        file[4..].copy_from_slice(b"TFL3");
        table(&mut file, 0, &model);
        file
    }
}

fn align(file: &mut Vec<u8>) {
    file.resize(file.len().next_multiple_of(8), 0);
}

/// Points the offset at `from` to the end of the file.
fn point(file: &mut [u8], from: usize) {
    let distance = (file.len() - from) as u32;
    file[from..from + 4].copy_from_slice(&distance.to_le_bytes());
}

/// Appends a table that the offset at `from` leads to.
fn table(file: &mut Vec<u8>, from: usize, fields: &[Field]) {
    align(file);
    let vtable = file.len();
    let vtable_bytes = 4 + 2 * fields.len();
    file.extend((vtable_bytes as u16).to_le_bytes());
    file.extend((4 + 8 * fields.len() as u16).to_le_bytes());
    for (index, field) in fields.iter().enumerate() {
        let offset = if matches!(field, Field::None) { 0 } else { 4 + 8 * index as u16 };
        file.extend(offset.to_le_bytes());
    }
    align(file);
    point(file, from);
    let at = file.len();
    file.extend(((at - vtable) as i32).to_le_bytes());
    file.resize(at + 4 + 8 * fields.len(), 0);
    for (index, field) in fields.iter().enumerate() {
        let place = at + 4 + 8 * index;
        match field {
            Field::None => {}
            Field::Byte(x) => file[place] = *x as u8,
            Field::Int(x) => file[place..place + 4].copy_from_slice(&x.to_le_bytes()),
            Field::Float(x) => file[place..place + 4].copy_from_slice(&x.to_le_bytes()),
            Field::Table(fields) => table(file, place, fields),
            Field::Tables(tables) => {
                let start = vector(file, place, tables.len(), &vec![0; 4 * tables.len()]);
                for (index, fields) in tables.iter().enumerate() {
                    table(file, start + 4 * index, fields);
                }
            }
            Field::Bytes(bytes) => drop(vector(file, place, bytes.len(), bytes)),
            Field::Ints(all) => {
                vector(file, place, all.len(), &all.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>());
            }
            Field::Floats(all) => {
                vector(file, place, all.len(), &all.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>());
            }
            Field::Longs(all) => {
                vector(file, place, all.len(), &all.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>());
            }
        }
    }
}

/// Appends a vector that the offset at `from` leads to; where its elements start is returned.
fn vector(file: &mut Vec<u8>, from: usize, count: usize, bytes: &[u8]) -> usize {
    align(file);
    point(file, from);
    file.extend((count as u32).to_le_bytes());
    file.extend(bytes);
    file.len() - bytes.len()
}
