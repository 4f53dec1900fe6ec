//! Reads linear programs.

use super::{Read, Reader};
use crate::ir::{LinDef, LinFunc, LinOp, LinPart, LinScan, LinVar, Passing, Var};
use crate::shape::Shape;
use std::rc::Rc;

impl Reader<'_> {
    pub(super) fn lin_func(&mut self) -> Read<LinFunc> {
        let mut defs = Vec::new();
        while self.mark("~") {
            if self.number::<LinVar>()? != defs.len() {
                return self.wrong(&format!("the definition of ~{} before this one", defs.len()));
            }
            self.expect(":")?;
            let ty = self.shape()?;
            self.expect("=")?;
            defs.push(LinDef { op: self.lin_op()?, ty });
        }
        let mut results = Vec::new();
        while self.word("return") {
            results.push((self.target()?, self.lin_var()?));
        }
        Ok(LinFunc { defs, results })
    }

    fn lin_var(&mut self) -> Read<LinVar> {
        self.expect("~")?;
        self.number()
    }

    fn lin_op(&mut self) -> Read<LinOp> {
        let name = self.name()?;
        if let Some(source) = self.source(name)? {
            return Ok(LinOp::Source(source));
        }
        self.expect("(")?;
        if name == "scan" {
            return self.lin_scan();
        }
        if name == "concat" {
            let mut parts = vec![self.lin_part()?];
            while self.mark(",") {
                parts.push(self.lin_part()?);
            }
            let axis = self.told(Reader::axis)?;
            self.expect(")")?;
            return Ok(LinOp::Concat { parts, axis });
        }
        let x = self.lin_var()?;
        let op = match name {
            "add" => {
                self.expect(",")?;
                LinOp::Add(x, self.lin_var()?)
            }
            "scale" => LinOp::Scale(x, self.with()?),
            "broadcast" => LinOp::Broadcast { x, axes: self.told(Reader::numbers)? },
            "sum" => LinOp::Sum { x, axes: self.told(Reader::numbers)? },
            "permute" => LinOp::Permute { x, perm: self.told(Reader::numbers)? },
            "reshape" => LinOp::Reshape { x },
            "slice" => {
                let axis = self.told(Reader::axis)?;
                self.expect_word("from")?;
                LinOp::Slice { x, axis, start: self.dim()? }
            }
            "window" => LinOp::Window { x, window: self.told(Reader::window)? },
            "overlap" => LinOp::Overlap { x, window: self.told(Reader::window)? },
            "contract" => {
                LinOp::Contract { x, with: self.with()?, labels: self.told(Reader::labels)? }
            }
            "gather" | "scatter" => {
                let index = self.with()?;
                let labels = self.told(Reader::labels)?;
                let skip = self.zero_at()?;
                match name {
                    "gather" => LinOp::Gather { x, index, labels, skip },
                    _ => LinOp::Scatter { x, index, labels, skip },
                }
            }
            "custom" => {
                let at = self.with()?;
                let op = self.told(Reader::op)?;
                let transposed = self.mark(",");
                if transposed {
                    self.expect_word("transposed")?;
                }
                LinOp::Custom { op, at, x, transposed }
            }
            "result" => LinOp::ScanResult { of: x, index: self.told(Reader::number)? },
            _ => return self.wrong("a linear operation before this"),
        };
        self.expect(")")?;
        Ok(op)
    }

    fn with(&mut self) -> Read<Var> {
        self.expect(",")?;
        self.var()
    }

    fn lin_part(&mut self) -> Read<LinPart> {
        if self.word("zeros") {
            return self.dim().map(LinPart::Zeros);
        }
        self.lin_var().map(LinPart::Value)
    }

    fn seen(&mut self) -> Read<(Passing, Shape)> {
        Ok((self.flow()?, self.shape()?))
    }

    fn lin_scan(&mut self) -> Read<LinOp> {
        let (mut with, mut flows) = (Vec::new(), Vec::new());
        let (mut args, mut seen) = (Vec::new(), Vec::new());
        while !self.mark(";") {
            if !(with.is_empty() && args.is_empty()) {
                self.expect(",")?;
            }
            if self.mark("%") {
                with.push(self.number()?);
                flows.push(self.flow()?);
                continue;
            }
            args.push(if self.word("zero") { None } else { Some(self.lin_var()?) });
            seen.push(self.seen()?);
        }
        self.expect_word("length")?;
        let length = self.dim()?;
        let (reverse, recompute) = self.manner()?;
        self.expect(")")?;
        self.expect("->")?;
        let results = self.list(Reader::seen)?;
        self.expect("{")?;
        let primal = self.defs(0)?;
        let lin = self.lin_func()?;
        self.expect("}")?;
        let scan =
            LinScan { length, reverse, recompute, with: flows, primal, args: seen, results, lin };
        Ok(LinOp::Scan { scan: Rc::new(scan), with, args })
    }
}
