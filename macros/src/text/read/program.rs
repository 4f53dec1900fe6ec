//! Reads loop nests.

use super::{Read, Reader};
use crate::ir::{Fold, Skip};
use crate::nest::{
    Access, Add, Body, BufId, Buffer, Chosen, Kind, Nest, Place, Program, Reg, Side, Store, Wanted,
};
use crate::shape::Dim;

impl Reader<'_> {
    pub(super) fn program(&mut self) -> Read<Program> {
        let mut buffers = Vec::new();
        while self.mark("#") {
            if self.number::<BufId>()? != buffers.len() {
                return self.wrong(&format!("#{} before this", buffers.len()));
            }
            self.expect(":")?;
            let size = self.dim()?;
            self.expect(",")?;
            let place = if self.word("workspace") {
                Place::Workspace
            } else if self.word("to") {
                Place::Target(self.target()?)
            } else {
                let name = self.name()?;
                let Some(source) = self.source(name)? else {
                    return self.wrong("a place before this");
                };
                Place::Source(source)
            };
            buffers.push(Buffer { place, size });
        }
        Ok(Program { buffers, nests: self.nests()? })
    }

    fn nests(&mut self) -> Read<Vec<Nest>> {
        let mut nests = Vec::new();
        loop {
            self.skip();
            if self.rest.is_empty() || self.rest.starts_with('}') {
                return Ok(nests);
            }
            nests.push(self.nest()?);
        }
    }

    fn nest(&mut self) -> Read<Nest> {
        let late = self.word("late");
        let name = self.name()?;
        let mut space = Vec::new();
        let mut kind = if name == "for" {
            self.header_of_steps()?
        } else {
            self.expect_word("over")?;
            space = self.shape()?;
            self.kind(name)?
        };
        let wanted = self.wanted()?;
        self.expect("{")?;
        match &mut kind {
            Kind::Loop { nests, .. } => *nests = self.nests()?,
            Kind::Reduce { body, folds, .. } => (*body, *folds) = self.folded()?,
            Kind::Scatter { body, value, .. } => {
                let (of_each, mut folds) = self.folded()?;
                let Some((Fold::Sum, sum)) = folds.pop() else {
                    return self.wrong("a sum before this");
                };
                (*body, *value) = (of_each, sum);
            }
            _ => {}
        }
        let body = self.body()?;
        let mut stores = Vec::new();
        while !self.mark("}") {
            let to = self.access()?;
            let add = if self.mark("+=") {
                Add::Yes
            } else {
                self.expect("=")?;
                let later = self.word("or");
                if later {
                    [",", "in", "later", "tiles", ",", "+="]
                        .iter()
                        .try_for_each(|part| self.expect(part))?;
                }
                if later { Add::LaterTiles } else { Add::No }
            };
            stores.push(Store { to, add, value: self.reg()? });
        }
        Ok(Nest { space, kind, body, stores, late, wanted })
    }

    fn kind(&mut self, name: &str) -> Read<Kind> {
        Ok(match name {
            "map" => Kind::Map,
            "fold" => {
                self.expect(",")?;
                self.expect_word("folded")?;
                self.expect_word("over")?;
                Kind::Reduce { inner: self.shape()?, body: Body::default(), folds: Vec::new() }
            }
            "contract" | "convolve" => {
                self.expect(",")?;
                self.expect_word("sides")?;
                self.skip();
                let end = self.rest.find(',').unwrap_or(self.rest.len());
                let (sides, rest) = self.rest.split_at(end);
                self.rest = rest;
                let side = |side| match side {
                    'a' => Side::A,
                    'b' => Side::B,
                    _ => Side::Both,
                };
                let of = sides.chars().map(side).collect();
                self.expect(",")?;
                self.expect_word("sum")?;
                self.expect_word("over")?;
                let inner = self.shape()?;
                self.expect(":")?;
                let a = self.access()?;
                self.expect("*")?;
                Kind::Contract { inner, a, b: self.access()?, of, windowed: name == "convolve" }
            }
            "gather" => {
                self.expect(":")?;
                Kind::Gather { x: self.access()?, chosen: self.chosen()? }
            }
            "scatter" => {
                self.expect_word("from")?;
                let inner = self.shape()?;
                self.expect_word("to")?;
                self.expect_word("axes")?;
                let to = self.list(|reader| match reader.word("none") {
                    true => Ok(None),
                    false => reader.number().map(Some),
                })?;
                self.expect_word("along")?;
                let (axis, value) = (self.number()?, Reg::Acc(0));
                Kind::Scatter {
                    inner,
                    body: Body::default(),
                    value,
                    chosen: self.chosen()?,
                    axis,
                    to,
                }
            }
            "iota" => {
                self.expect(":")?;
                self.expect_word("repeat")?;
                let repeat = self.dim()?;
                self.expect(",")?;
                self.expect_word("cycle")?;
                Kind::Iota { repeat, cycle: self.dim()? }
            }
            "random" => {
                self.expect(":")?;
                self.expect_word("site")?;
                let site = self.number()?;
                self.expect(",")?;
                self.expect_word("steps")?;
                let steps = self.shape()?;
                Kind::Random { site, steps, per_sample: self.per_sample()? }
            }
            "custom" => {
                self.expect(":")?;
                let call = match self.name()? {
                    "forward" => "forward",
                    "jvp" => "jvp",
                    "vjp" => "vjp",
                    _ => return self.wrong("a call of a user's op before this"),
                };
                self.expect_word("of")?;
                let op = self.op()?;
                let per_sample = self.per_sample()?;
                self.expect(",")?;
                self.expect_word("given")?;
                let args = self.list(|reader| Ok((reader.buf()?, reader.dim()?)))?;
                Kind::Custom { op, call, args, per_sample }
            }
            _ => return self.wrong("a kind of loop before this"),
        })
    }

    fn header_of_steps(&mut self) -> Read<Kind> {
        let step = self.dim()?;
        self.expect_word("below")?;
        let length = self.dim()?;
        let reverse = self.word("backwards");
        self.expect(",")?;
        self.expect_word("carried")?;
        let carried = self.list(|reader| Ok((reader.buf()?, reader.buf()?)))?;
        self.expect(",")?;
        self.expect_word("made")?;
        let made = self.list(Reader::buf)?;
        Ok(Kind::Loop { step, length, reverse, nests: Vec::new(), carried, made })
    }

    fn per_sample(&mut self) -> Read<Dim> {
        self.expect(",")?;
        ["of", "each", "sample"].iter().try_for_each(|word| self.expect_word(word))?;
        self.dim()
    }

    fn wanted(&mut self) -> Read<Wanted> {
        if !self.mark(",") {
            return Ok(Wanted::ALWAYS);
        }
        let mut wanted = Wanted::NEVER;
        self.expect_word("wanted")?;
        self.expect_word("for")?;
        loop {
            match self.name()? {
                "inputs" => wanted.inputs = true,
                "params" => wanted.params = true,
                "both" => wanted.both = true,
                _ => return self.wrong("for what it is wanted, before this"),
            }
            if !self.word("and") {
                return Ok(wanted);
            }
        }
    }

    fn folded(&mut self) -> Read<(Body, Vec<(Fold, Reg)>)> {
        self.expect_word("each")?;
        self.expect("{")?;
        let body = self.body()?;
        let mut folds = Vec::new();
        while !self.mark("}") {
            let fold = match self.name()? {
                "sum" => Fold::Sum,
                "max" => Fold::Max,
                _ => return self.wrong("a fold before this"),
            };
            folds.push((fold, self.reg()?));
        }
        Ok((body, folds))
    }

    fn body(&mut self) -> Read<Body> {
        let mut body = Body::default();
        while self.word(&format!("l{}", body.loads.len())) {
            self.expect("=")?;
            body.loads.push(self.access()?);
        }
        while self.word(&format!("c{}", body.lines.len())) {
            self.expect("=")?;
            let prim = self.prim()?;
            self.expect("(")?;
            let mut args = vec![self.reg()?];
            while self.mark(",") {
                args.push(self.reg()?);
            }
            self.expect(")")?;
            body.lines.push((prim, args));
        }
        Ok(body)
    }

    fn reg(&mut self) -> Read<Reg> {
        let name = self.next_name();
        let number = |name: &str| name.get(1..).and_then(|number| number.parse().ok());
        let reg = match (name.chars().next(), number(name)) {
            (Some('l'), Some(i)) => Reg::Load(i),
            (Some('a'), Some(i)) => Reg::Acc(i),
            (Some('c'), Some(i)) => Reg::Line(i),
            _ => return self.num().map(Reg::Num),
        };
        self.rest = &self.rest[name.len()..];
        Ok(reg)
    }

    fn buf(&mut self) -> Read<BufId> {
        self.expect("#")?;
        self.number()
    }

    fn access(&mut self) -> Read<Access> {
        let buf = self.buf()?;
        self.expect("[")?;
        let (mut offset, mut strides) = (Dim::known(0), Vec::new());
        while !self.mark("]") {
            if !strides.is_empty() && !self.mark(";") {
                self.expect(",")?;
            } else if strides.is_empty() {
                self.mark(";");
            }
            let dim = self.dim()?;
            if self.mark(":") {
                offset = dim;
            } else {
                strides.push(dim);
            }
        }
        Ok(Access { buf, offset, strides })
    }

    fn chosen(&mut self) -> Read<Chosen> {
        self.expect(",")?;
        self.expect_word("by")?;
        let index = self.access()?;
        self.expect_word("below")?;
        let bound = self.dim()?;
        self.expect_word("times")?;
        let stride = self.dim()?;
        let before = self.rest;
        let mut skip = None;
        if self.mark(",") {
            if self.word("zero") {
                self.expect_word("at")?;
                skip = Some(Skip::Zero(self.dim()?));
            } else if self.word("still") {
                self.expect_word("at")?;
                skip = Some(Skip::Derivative(self.dim()?));
            } else {
                self.rest = before;
            }
        }
        Ok(Chosen { index, bound, stride, skip })
    }
}
