//! Orders the functions of a wasm so that alike ones stand beside each other: the
//! compressor then finds more to repeat, about 3 % of the whole.
//!
//! wasm-opt can order by use or by name only. What a function does is not touched;
//! every reference to it is renumbered.

use anyhow::{Context, Result};
use std::collections::HashMap;
use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{CodeSection, FunctionSection};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

/// Bytes that must be the same for two functions to be a little alike.
const SHINGLE: usize = 4;
/// How many functions back likeness is looked for: compressors look back further, but
/// what they find there costs more to point at.
const WINDOW: usize = 6;
/// Keeps the smallest functions, which are like everything, from going first.
const SMALL: usize = 20;

/// The same wasm with its functions in another order.
pub(crate) fn by_likeness(wasm: &[u8]) -> Result<Vec<u8>> {
    let (imported, bodies) = functions(wasm)?;
    let order = order(&bodies);
    let mut place = vec![0; order.len()];
    for (new, old) in order.iter().enumerate() {
        place[*old] = u32::try_from(new)?;
    }
    let mut sorter = Sorter {
        imported,
        order,
        place,
    };
    let mut out = wasm_encoder::Module::new();
    utils::parse_core_module(&mut sorter, &mut out, Parser::new(0), wasm)
        .map_err(|error| anyhow::anyhow!("{error:?}"))
        .context("the wasm could not be read")?;
    Ok(out.finish())
}

/// How many functions are imported, and the bodies of the others.
fn functions(wasm: &[u8]) -> Result<(u32, Vec<&[u8]>)> {
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    if matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)) {
                        imported += 1;
                    }
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
            _ => {}
        }
    }
    Ok((imported, bodies))
}

/// Indices into `bodies`: each time the one that shares most, for its size, with the
/// last few.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let mut ids: HashMap<&[u8], usize> = HashMap::new();
    let mut owners: Vec<Vec<usize>> = Vec::new();
    let mut shingles: Vec<Vec<usize>> = Vec::with_capacity(bodies.len());
    for (function, body) in bodies.iter().enumerate() {
        let mut mine: Vec<usize> = Vec::new();
        for shingle in body.windows(SHINGLE) {
            let next = ids.len();
            let id = *ids.entry(shingle).or_insert(next);
            if id == next {
                owners.push(Vec::new());
            }
            if owners[id].last() != Some(&function) {
                owners[id].push(function);
                mine.push(id);
            }
        }
        shingles.push(mine);
    }
    let mut in_window = vec![0_u32; owners.len()];
    let mut shared = vec![0_usize; bodies.len()];
    let mut order: Vec<usize> = Vec::with_capacity(bodies.len());
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    while !left.is_empty() {
        // Likeness as a fraction, compared exactly; the first of equals, so that the
        // same input always gives the same file.
        let weight = |function: usize| shingles[function].len() + SMALL;
        let mut best = 0;
        for candidate in 1..left.len() {
            let (a, b) = (left[candidate], left[best]);
            if shared[a] * weight(b) > shared[b] * weight(a) {
                best = candidate;
            }
        }
        let function = left.remove(best);
        for id in &shingles[function] {
            in_window[*id] += 1;
            if in_window[*id] == 1 {
                owners[*id].iter().for_each(|owner| shared[*owner] += 1);
            }
        }
        order.push(function);
        if let Some(behind) = order.len().checked_sub(WINDOW + 1) {
            for id in &shingles[order[behind]] {
                in_window[*id] -= 1;
                if in_window[*id] == 0 {
                    owners[*id].iter().for_each(|owner| shared[*owner] -= 1);
                }
            }
        }
    }
    order
}

struct Sorter {
    imported: u32,
    /// New place → old place.
    order: Vec<usize>,
    /// Old place → new place.
    place: Vec<u32>,
}

type Error = reencode::Error<std::convert::Infallible>;

impl Reencode for Sorter {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        let Some(own) = function.checked_sub(self.imported) else {
            return Ok(function);
        };
        Ok(self.imported + self.place[own as usize])
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        let types = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for old in self.order.clone() {
            functions.function(self.type_index(types[old])?);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for old in self.order.clone() {
            self.parse_function_body(code, bodies[old].clone())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection,
        Function, FunctionSection, ImportSection, Module, RefType, TableSection, TableType,
        TypeSection,
    };

    /// Imports one function; its own ones return 1, 1000, 2, 2000, 3, 3000 (in two
    /// families of bytes), and the last one calls the second.
    fn wasm() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], [wasm_encoder::ValType::I64]);
        let mut imports = ImportSection::new();
        imports.import("a", "b", EntityType::Function(0));
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        let mut add = |write: &dyn Fn(&mut Function)| {
            let mut function = Function::new([]);
            write(&mut function);
            function.instructions().end();
            functions.function(0);
            code.function(&function);
        };
        for n in 1..=3 {
            add(&|f| {
                f.instructions().i64_const(n);
            });
            add(&|f| {
                f.instructions()
                    .i64_const(n)
                    .i64_const(0x0102_0304_0506_0708)
                    .i64_mul();
            });
        }
        add(&|f| {
            f.instructions().call(2);
        });
        let mut tables = TableSection::new();
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            minimum: 1,
            maximum: None,
            table64: false,
            shared: false,
        });
        let mut exports = ExportSection::new();
        exports.export("second", ExportKind::Func, 2);
        exports.export("calls", ExportKind::Func, 7);
        let mut elements = ElementSection::new();
        elements.active(
            None,
            &ConstExpr::i32_const(0),
            Elements::Functions((&[6_u32][..]).into()),
        );
        let mut module = Module::new();
        module
            .section(&types)
            .section(&imports)
            .section(&functions)
            .section(&tables)
            .section(&exports)
            .section(&elements)
            .section(&code);
        module.finish()
    }

    /// The body behind a function's number.
    fn body(wasm: &[u8], function: u32) -> Vec<u8> {
        let (imported, bodies) = functions(wasm).unwrap();
        bodies[(function - imported) as usize].to_vec()
    }

    #[test]
    fn alike_functions_are_neighbours_and_every_reference_follows() {
        let before = wasm();
        let after = by_likeness(&before).unwrap();
        let (_, bodies) = functions(&after).unwrap();
        let long: Vec<usize> = (0..bodies.len()).filter(|i| bodies[*i].len() > 8).collect();
        assert_eq!(long.len(), 3);
        assert_eq!(long[2] - long[0], 2, "{long:?}");

        let mut found = 0;
        for payload in Parser::new(0).parse_all(&after) {
            match payload.unwrap() {
                Payload::ExportSection(exports) => {
                    let second = exports.into_iter().next().unwrap().unwrap();
                    assert_eq!(body(&after, second.index), body(&before, 2));
                    found += 1;
                }
                Payload::ElementSection(elements) => {
                    let wasmparser::ElementItems::Functions(items) =
                        elements.into_iter().next().unwrap().unwrap().items
                    else {
                        panic!("other items");
                    };
                    let item = items.into_iter().next().unwrap().unwrap();
                    assert_eq!(body(&after, item), body(&before, 6));
                    found += 1;
                }
                Payload::CodeSectionEntry(code) => {
                    for operator in code.get_operators_reader().unwrap() {
                        if let wasmparser::Operator::Call { function_index } = operator.unwrap() {
                            assert_eq!(body(&after, function_index), body(&before, 2));
                            found += 1;
                        }
                    }
                }
                _ => {}
            }
        }
        assert_eq!(found, 3, "export, table and call");
        wasmparser::Validator::new().validate_all(&after).unwrap();
    }

    #[test]
    fn the_same_file_is_ordered_the_same_way() {
        assert_eq!(by_likeness(&wasm()).unwrap(), by_likeness(&wasm()).unwrap());
        assert!(by_likeness(b"not wasm").is_err());
    }
}
