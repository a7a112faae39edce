//! Placeholder.
pub(crate) struct Context(u32);
impl Context { pub fn new(f: u32)->Self{Self(f)} pub fn fpscr(&self)->u32{self.0} }
macro_rules! two { ($($n:ident)*) => { $(pub(crate) fn $n(a:u32,b:u32,_:&mut Context)->u32{a^b})* } }
two!{add sub mul div max_number min_number}
pub(crate) fn sqrt(a:u32,_:&mut Context)->u32{a}
pub(crate) fn fused(a:u32,_:u32,_:u32,_:&mut Context)->u32{a}
pub(crate) fn compare(a:u32,_:u32,_:bool,_:&mut Context)->u32{a}
pub(crate) fn to_int(a:u32,_:bool,_:bool,_:&mut Context)->u32{a}
pub(crate) fn from_int(a:u32,_:bool,_:&mut Context)->u32{a}
pub(crate) fn to_fixed(a:u32,_:bool,_:bool,_:u32,_:&mut Context)->u32{a}
pub(crate) fn from_fixed(a:u32,_:bool,_:bool,_:u32,_:&mut Context)->u32{a}
pub(crate) fn to_half(a:u32,_:&mut Context)->u32{a}
pub(crate) fn from_half(a:u32,_:&mut Context)->u32{a}
pub(crate) fn round_to_integral(a:u32,_:u32,_:&mut Context)->u32{a}
pub(crate) fn to_int_directed(a:u32,_:u32,_:bool,_:&mut Context)->u32{a}
