//! What an operator computes, from its number and its table of options.

use crate::{Activation, Convolution, ImportError, Kind, Padding, Pooling, Unary, flatbuffer::Table};

/// Reads the options of the operators that can be imported.
pub fn kind(number: i32, options: Option<&Table<'_>>) -> Result<Kind, ImportError> {
    let options = Options(options);
    Ok(match number {
        0 => Kind::Add(options.activation(0)?),
        1 => Kind::AveragePool(options.pooling()?),
        2 => Kind::Concatenation { axis: options.int(0, 0)?, activation: options.activation(1)? },
        3 => Kind::Conv(options.convolution(3, [4, 5])?),
        4 => Kind::Depthwise(options.convolution(4, [5, 6])?),
        6 => Kind::Dequantize,
        9 => Kind::FullyConnected { activation: options.activation(0)?, is_shuffled: options.byte(1)? != 0 },
        14 => Kind::Unary(Unary::Logistic),
        17 => Kind::MaxPool(options.pooling()?),
        18 => Kind::Mul(options.activation(0)?),
        19 => Kind::Unary(Unary::Relu),
        21 => Kind::Unary(Unary::Relu6),
        22 | 43 | 70 => Kind::Reshape,
        25 => Kind::Softmax { beta: options.float(0)? },
        28 => Kind::Unary(Unary::Tanh),
        34 | 60 => Kind::Pad,
        39 => Kind::Transpose,
        40 => Kind::Mean,
        45 | 77 | 83 => Kind::ShapeArithmetic,
        97 => Kind::ResizeNearest { align_corners: options.byte(0)? != 0, half_pixel_centers: options.byte(1)? != 0 },
        98 => Kind::Unary(Unary::LeakyRelu(options.float(0)?)),
        114 => Kind::Quantize,
        117 => Kind::Unary(Unary::HardSwish),
        _ => Kind::Other,
    })
}

/// A table of options; what it does not have is 0 unless said otherwise.
struct Options<'a, 'b>(Option<&'b Table<'a>>);

impl Options<'_, '_> {
    fn byte(&self, number: usize) -> Result<i8, ImportError> {
        self.0.map_or(Ok(0), |table| table.byte(number, 0))
    }

    fn int(&self, number: usize, default: i32) -> Result<i32, ImportError> {
        self.0.map_or(Ok(default), |table| table.int(number, default))
    }

    fn float(&self, number: usize) -> Result<f32, ImportError> {
        self.0.map_or(Ok(0.0), |table| table.float(number, 0.0))
    }

    /// Rows, columns; a negative number is 0, which no operator accepts.
    fn pair(&self, rows: usize, columns: usize, default: i32) -> Result<[u32; 2], ImportError> {
        let side = |number| Ok::<_, ImportError>(u32::try_from(self.int(number, default)?).unwrap_or(0));
        Ok([side(rows)?, side(columns)?])
    }

    fn padding(&self) -> Result<Padding, ImportError> {
        Ok(if self.byte(0)? == 0 { Padding::Same } else { Padding::Valid })
    }

    fn activation(&self, number: usize) -> Result<Activation, ImportError> {
        Ok(match self.byte(number)? {
            0 => Activation::Linear,
            1 => Activation::Relu,
            2 => Activation::ReluN1To1,
            3 => Activation::Relu6,
            other => Activation::Other(other),
        })
    }

    fn convolution(&self, activation: usize, [width, height]: [usize; 2]) -> Result<Convolution, ImportError> {
        Ok(Convolution {
            stride: self.pair(2, 1, 0)?,
            dilation: self.pair(height, width, 1)?,
            padding: self.padding()?,
            activation: self.activation(activation)?,
        })
    }

    fn pooling(&self) -> Result<Pooling, ImportError> {
        Ok(Pooling {
            kernel: self.pair(4, 3, 0)?,
            stride: self.pair(2, 1, 0)?,
            padding: self.padding()?,
            activation: self.activation(5)?,
        })
    }
}
