//! Reads functions.

use super::{Read, Reader};
use crate::ir::{CustomCall, Def, Fold, Func, Inst, Part, Res, Rule, Scan, Skip, Var, View};
use std::rc::Rc;

impl Reader<'_> {
    pub(super) fn func(&mut self) -> Read<Func> {
        let defs = self.defs(0)?;
        let mut results = Vec::new();
        while self.word("return") {
            results.push(Res { target: self.target()?, value: self.var()? });
        }
        let mut rules = Vec::new();
        while self.word("rule") {
            rules.push(self.rule()?);
        }
        Ok(Func { defs, results, rules })
    }

    fn rule(&mut self) -> Read<Rule> {
        let value = self.var()?;
        self.expect_word("of")?;
        let args = self.list(Reader::var)?;
        self.expect_word("from")?;
        let first = self.var()?;
        self.expect("{")?;
        let primal = self.defs(first)?;
        let tangent = self.lin_func()?;
        self.expect("}")?;
        Ok(Rule { value, args, first, primal, tangent })
    }

    /// Instructions, of which the first defines `first`.
    pub(super) fn defs(&mut self, first: Var) -> Read<Vec<Def>> {
        let mut defs = Vec::new();
        while self.mark("%") {
            let var = first + defs.len();
            if self.number::<Var>()? != var {
                return self.wrong(&format!("the definition of %{var} before this one"));
            }
            self.expect(":")?;
            let late = self.word("late");
            let ty = self.shape()?;
            self.expect("=")?;
            defs.push(Def { inst: self.inst()?, ty, late });
        }
        Ok(defs)
    }

    pub(super) fn var(&mut self) -> Read<Var> {
        self.expect("%")?;
        self.number()
    }

    fn inst(&mut self) -> Read<Inst> {
        self.skip();
        if self.rest.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            return self.num().map(Inst::Num);
        }
        let before = self.rest;
        let name = self.name()?;
        if let Some(source) = self.source(name)? {
            return Ok(Inst::Source(source));
        }
        if name == "const" {
            self.rest = before;
            return self.num().map(Inst::Num);
        }
        self.expect("(")?;
        let inst = match name {
            "broadcast" => {
                Inst::View { x: self.var()?, view: View::Broadcast(self.told(Reader::numbers)?) }
            }
            "reduce_sum" | "reduce_max" => Inst::Reduce {
                fold: if name == "reduce_sum" { Fold::Sum } else { Fold::Max },
                x: self.var()?,
                axes: self.told(Reader::numbers)?,
            },
            "permute" => {
                Inst::View { x: self.var()?, view: View::Permute(self.told(Reader::numbers)?) }
            }
            "reshape" => Inst::View { x: self.var()?, view: View::Reshape },
            "slice" => {
                let x = self.var()?;
                let (axis, start) = self.told(|reader| {
                    reader.expect_word("axis")?;
                    let axis = reader.number()?;
                    reader.expect_word("from")?;
                    Ok((axis, reader.dim()?))
                })?;
                Inst::View { x, view: View::Slice { axis, start } }
            }
            "window" => {
                Inst::View { x: self.var()?, view: View::Window(self.told(Reader::window)?) }
            }
            "overlap" => {
                let mut parts = vec![(self.var()?, self.window()?)];
                while self.mark(",") {
                    parts.push((self.var()?, self.window()?));
                }
                Inst::Overlap { parts }
            }
            "concat" => {
                let mut parts = vec![self.part()?];
                while self.mark(",") {
                    parts.push(self.part()?);
                }
                Inst::Concat { parts, axis: self.told(Reader::axis)? }
            }
            "contract" => {
                let (a, b) = self.two()?;
                Inst::Contract { a, b, labels: Rc::new(self.told(Reader::labels)?) }
            }
            "gather" => {
                let (x, index) = self.two()?;
                let labels = Rc::new(self.told(Reader::labels)?);
                let skip = if !self.mark(";") {
                    None
                } else if self.word("still") {
                    self.expect_word("at")?;
                    Some(Skip::Derivative(self.dim()?))
                } else {
                    self.expect_word("zero")?;
                    self.expect_word("at")?;
                    Some(Skip::Zero(self.dim()?))
                };
                Inst::Gather { x, index, labels, skip }
            }
            "scatter" => {
                let (x, index) = self.two()?;
                let labels = Rc::new(self.told(Reader::labels)?);
                Inst::Scatter { x, index, labels, skip: self.zero_at()? }
            }
            "iota" => {
                self.expect_word("repeat")?;
                let repeat = self.dim()?;
                self.expect(",")?;
                self.expect_word("cycle")?;
                Inst::Iota { repeat, cycle: self.dim()? }
            }
            "random" => Inst::Random { site: self.number()? },
            "custom" => {
                let call = CustomCall::Forward { x: self.var()? };
                Inst::Custom { call, op: self.told(Reader::op)? }
            }
            "custom_jvp" => {
                let (x, dx) = self.two()?;
                Inst::Custom { call: CustomCall::Jvp { x, dx }, op: self.told(Reader::op)? }
            }
            "custom_vjp" => {
                let (x, y_bar) = self.two()?;
                Inst::Custom { call: CustomCall::Vjp { x, y_bar }, op: self.told(Reader::op)? }
            }
            "scan" => return self.scan(),
            "result" => Inst::ScanResult { of: self.var()?, index: self.told(Reader::number)? },
            _ => {
                self.rest = before;
                return self.point();
            }
        };
        self.expect(")")?;
        Ok(inst)
    }

    /// A function element by element, or one of constants.
    fn point(&mut self) -> Read<Inst> {
        let before = self.rest;
        let prim = self.prim()?;
        self.expect("(")?;
        if !self.mark("%") {
            self.rest = before;
            return self.num().map(Inst::Num);
        }
        let mut args = vec![self.number()?];
        while self.mark(",") {
            args.push(self.var()?);
        }
        self.expect(")")?;
        Ok(Inst::Point { prim, args })
    }

    fn scan(&mut self) -> Read<Inst> {
        let (mut args, mut flows) = (Vec::new(), Vec::new());
        while !self.mark(";") {
            if !args.is_empty() {
                self.expect(",")?;
            }
            args.push(self.var()?);
            flows.push(self.flow()?);
        }
        self.expect_word("length")?;
        let length = self.dim()?;
        let (reverse, recompute) = self.manner()?;
        self.expect(")")?;
        self.expect("->")?;
        let results = self.list(Reader::flow)?;
        self.expect("{")?;
        let body = self.func()?;
        self.expect("}")?;
        let scan = Scan { length, reverse, recompute, args: flows, results, body };
        Ok(Inst::Scan { scan: Rc::new(scan), args })
    }

    /// How a loop runs: in reverse, recomputing.
    pub(super) fn manner(&mut self) -> Read<(bool, bool)> {
        let (mut reverse, mut recompute) = (false, false);
        while self.mark(",") {
            match self.name()? {
                "reverse" => reverse = true,
                "recompute" => recompute = true,
                _ => return self.wrong("`reverse` or `recompute` before this"),
            }
        }
        Ok((reverse, recompute))
    }

    fn two(&mut self) -> Read<(Var, Var)> {
        let first = self.var()?;
        self.expect(",")?;
        Ok((first, self.var()?))
    }

    fn part(&mut self) -> Read<Part> {
        if self.word("zeros") {
            return self.dim().map(Part::Zeros);
        }
        self.var().map(Part::Value)
    }

    pub(super) fn told<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        self.expect(";")?;
        read(self)
    }

    pub(super) fn axis(&mut self) -> Read<usize> {
        self.expect_word("axis")?;
        self.number()
    }

    pub(super) fn op(&mut self) -> Read<usize> {
        self.expect_word("op")?;
        self.number()
    }

    /// `; zero at 3`
    pub(super) fn zero_at(&mut self) -> Read<Option<crate::shape::Dim>> {
        if !self.mark(";") {
            return Ok(None);
        }
        self.expect_word("zero")?;
        self.expect_word("at")?;
        self.dim().map(Some)
    }
}
