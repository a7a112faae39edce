//! Reads a `.tflite` file (FlatBuffers, schema version 3).
//!
//! Field numbers are the order of the fields in TensorFlow Lite's `schema.fbs`.

mod options;

use std::borrow::Cow;

use crate::{Element, ImportError, Imported, Operator, Quantization, Tensor, builtin, flatbuffer::Table};

/// Most tensors of a model.
const MOST_TENSORS: usize = 1 << 14;
/// Most operators of a model.
const MOST_OPERATORS: usize = 1 << 12;
/// Most sides of a shape.
const MOST_SIDES: usize = 8;
/// Most tensors that one operator reads or makes.
const MOST_ARGUMENTS: usize = 64;
/// Most characters of a name that are kept.
const NAME_CHARACTERS: usize = 80;
/// `CUSTOM`, an operator with a name of its own.
const CUSTOM: i32 = 32;

/// Fields of the tables.
mod field {
    pub const MODEL_CODES: usize = 1;
    pub const MODEL_SUBGRAPHS: usize = 2;
    pub const MODEL_BUFFERS: usize = 4;
    pub const CODE_OLD: usize = 0;
    pub const CODE_CUSTOM: usize = 1;
    pub const CODE_NEW: usize = 3;
    pub const GRAPH_TENSORS: usize = 0;
    pub const GRAPH_INPUTS: usize = 1;
    pub const GRAPH_OUTPUTS: usize = 2;
    pub const GRAPH_OPERATORS: usize = 3;
    pub const TENSOR_SHAPE: usize = 0;
    pub const TENSOR_TYPE: usize = 1;
    pub const TENSOR_BUFFER: usize = 2;
    pub const TENSOR_NAME: usize = 3;
    pub const TENSOR_QUANT: usize = 4;
    pub const TENSOR_SPARSITY: usize = 6;
    pub const QUANT_SCALE: usize = 2;
    pub const QUANT_ZERO: usize = 3;
    pub const OPERATOR_CODE: usize = 0;
    pub const OPERATOR_INPUTS: usize = 1;
    pub const OPERATOR_OUTPUTS: usize = 2;
    pub const OPERATOR_OPTIONS: usize = 4;
    pub const BUFFER_DATA: usize = 0;
    pub const BUFFER_OFFSET: usize = 1;
    pub const BUFFER_SIZE: usize = 2;
}

/// Reads the first graph of a file.
///
/// # Errors
/// If the file is no model, is damaged, or has more of something than a model for a microcontroller.
pub fn read(file: &[u8]) -> Result<Imported<'_>, ImportError> {
    if file.get(4..8) != Some(b"TFL3") {
        return Err(ImportError::NotTflite);
    }
    let model = Table::root(file)?;
    let codes = model.tables(field::MODEL_CODES, "operator codes", MOST_OPERATORS)?;
    let buffers = model.tables(field::MODEL_BUFFERS, "buffers", 2 * MOST_TENSORS)?;
    let graphs = model.tables(field::MODEL_SUBGRAPHS, "graphs", MOST_OPERATORS)?;
    let Some(graph) = graphs.first() else {
        return Err(ImportError::Damaged { what: "a model without a graph", at: 0 });
    };
    let mut reader = Reader { file, buffers, budget: 4 * file.len() + (1 << 16) };
    let tensors = graph.tables(field::GRAPH_TENSORS, "tensors", MOST_TENSORS)?;
    let tensors: Vec<_> =
        tensors.iter().enumerate().map(|(index, table)| reader.tensor(index, table)).collect::<Result<_, _>>()?;
    let operators = graph.tables(field::GRAPH_OPERATORS, "operators", MOST_OPERATORS)?;
    let operators = operators.iter().map(|table| operator(table, &codes, tensors.len())).collect::<Result<_, _>>()?;
    let inputs = required(&arguments(graph, field::GRAPH_INPUTS, tensors.len())?)?;
    let outputs = required(&arguments(graph, field::GRAPH_OUTPUTS, tensors.len())?)?;
    Ok(Imported { tensors, operators, inputs, outputs })
}

struct Reader<'a> {
    file: &'a [u8],
    buffers: Vec<Table<'a>>,
    /// Numbers that may still be copied out of the file: many tensors could point to one long vector.
    budget: usize,
}

impl<'a> Reader<'a> {
    fn spend(&mut self, numbers: usize) -> Result<(), ImportError> {
        let left = self.budget.checked_sub(numbers);
        self.budget = left.ok_or(ImportError::Damaged { what: "tensors that share long vectors", at: 0 })?;
        Ok(())
    }

    fn tensor(&mut self, index: usize, table: &Table<'a>) -> Result<Tensor<'a>, ImportError> {
        let name = text(table.bytes(field::TENSOR_NAME)?);
        let name = if name.is_empty() { format!("tensor {index}") } else { name };
        let wrong = |reason: String| ImportError::Tensor { tensor: index, name: name.clone(), reason };
        let sides = table.numbers::<4>(field::TENSOR_SHAPE)?;
        if sides.len() > MOST_SIDES {
            return Err(wrong(format!("a shape of {} sides", sides.len())));
        }
        let shape: Option<Vec<u32>> = sides.iter().map(|b| u32::try_from(i32::from_le_bytes(*b)).ok()).collect();
        let shape = shape.ok_or_else(|| wrong("a side that is negative".into()))?;
        let element = element(table.byte(field::TENSOR_TYPE, 0)?);
        let quant = table.table(field::TENSOR_QUANT)?.map(|quant| self.quantization(&quant)).transpose()?.flatten();
        let buffer = usize::try_from(table.int(field::TENSOR_BUFFER, 0)?).unwrap_or(usize::MAX);
        let data = self.data(buffer)?.map(Cow::Borrowed);
        let tensor = Tensor { name: name.clone(), shape, element, quant, data };
        let expected = element.bytes().map(|bytes| tensor.elements().saturating_mul(bytes));
        if let (Some(data), Some(expected)) = (&tensor.data, expected)
            && data.len() as u64 != expected
        {
            return Err(wrong(format!("{} bytes of data, its shape needs {expected}", data.len())));
        }
        if table.table(field::TENSOR_SPARSITY)?.is_some() {
            return Err(wrong("its data are sparse".into()));
        }
        Ok(tensor)
    }

    /// Scales and zero points; `None` if there are none.
    fn quantization(&mut self, table: &Table<'a>) -> Result<Option<Quantization>, ImportError> {
        let scales = table.numbers::<4>(field::QUANT_SCALE)?;
        let zeros = table.numbers::<8>(field::QUANT_ZERO)?;
        self.spend(scales.len() + zeros.len())?;
        if scales.is_empty() {
            return Ok(None);
        }
        let scales = scales.iter().map(|b| f32::from_le_bytes(*b)).collect();
        let zeros = zeros.iter().map(|b| i64::from_le_bytes(*b)).collect();
        Ok(Some(Quantization { scales, zeros }))
    }

    /// The bytes of a buffer; `None` if it is empty, as those of activations are.
    fn data(&self, buffer: usize) -> Result<Option<&'a [u8]>, ImportError> {
        let Some(table) = self.buffers.get(buffer) else {
            return Err(ImportError::Damaged { what: "a buffer that is not there", at: 0 });
        };
        let inside = table.bytes(field::BUFFER_DATA)?;
        // Buffers of large models lie behind the tables; offsets 0 and 1 mean that this one does not.
        let (offset, size) = (table.long(field::BUFFER_OFFSET, 0)?, table.long(field::BUFFER_SIZE, 0)?);
        if offset <= 1 {
            return Ok(Some(inside).filter(|bytes| !bytes.is_empty()));
        }
        let range = usize::try_from(offset).ok().zip(usize::try_from(size).ok());
        let bytes = range.and_then(|(at, size)| self.file.get(at..at.checked_add(size)?));
        bytes.map(Some).ok_or(ImportError::Damaged { what: "a buffer outside the file", at: 0 })
    }
}

fn operator(table: &Table<'_>, codes: &[Table<'_>], tensors: usize) -> Result<Operator, ImportError> {
    let index = usize::try_from(table.int(field::OPERATOR_CODE, 0)?).unwrap_or(usize::MAX);
    let Some(code) = codes.get(index) else {
        return Err(ImportError::Damaged { what: "an operator code that is not there", at: index });
    };
    // Numbers up to 127 are in the old field, and newer ones only in the new one.
    let number = i32::from(code.byte(field::CODE_OLD, 0)?).max(code.int(field::CODE_NEW, 0)?);
    let title = match number {
        CUSTOM => format!("CUSTOM {}", text(code.bytes(field::CODE_CUSTOM)?)),
        number => builtin::name(number),
    };
    let kind = options::kind(number, table.table(field::OPERATOR_OPTIONS)?.as_ref())?;
    let inputs = arguments(table, field::OPERATOR_INPUTS, tensors)?;
    let outputs = required(&arguments(table, field::OPERATOR_OUTPUTS, tensors)?)?;
    Ok(Operator { kind, title, inputs, outputs })
}

/// A list of tensors; −1 is one that is left out.
fn arguments(table: &Table<'_>, number: usize, tensors: usize) -> Result<Vec<Option<usize>>, ImportError> {
    let list = table.numbers::<4>(number)?;
    if list.len() > MOST_ARGUMENTS {
        let (found, most) = (list.len() as u64, MOST_ARGUMENTS as u64);
        return Err(ImportError::Limit { what: "tensors of one operator", found, most });
    }
    let tensor = |bytes: &[u8; 4]| match i32::from_le_bytes(*bytes) {
        -1 => Ok(None),
        number => usize::try_from(number)
            .ok()
            .filter(|number| *number < tensors)
            .map(Some)
            .ok_or(ImportError::Damaged { what: "a tensor that is not there", at: 0 }),
    };
    list.iter().map(tensor).collect()
}

fn required(tensors: &[Option<usize>]) -> Result<Vec<usize>, ImportError> {
    let all: Option<Vec<usize>> = tensors.iter().copied().collect();
    all.ok_or(ImportError::Damaged { what: "an output that is left out", at: 0 })
}

fn element(number: i8) -> Element {
    match number {
        0 => Element::F32,
        2 => Element::I32,
        3 => Element::U8,
        4 => Element::I64,
        7 => Element::I16,
        9 => Element::I8,
        other => Element::Other(other),
    }
}

fn text(bytes: &[u8]) -> String {
    let bytes = bytes.get(..4 * NAME_CHARACTERS).unwrap_or(bytes);
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    String::from_utf8_lossy(bytes).chars().take(NAME_CHARACTERS).map(printable).collect()
}
