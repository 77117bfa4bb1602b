//! Makes one wasm of several pieces of the splitter.
//!
//! Pieces find each other through the memory and the table that they share, and
//! import nothing else but globals: their functions, segments and types can stand
//! behind each other in one file. (Binaryen's `wasm-merge` leaves an import of the
//! memory for every piece, which browsers refuse.)

use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, DataCountSection, DataSection, ElementSection, ExportSection, FunctionSection,
    GlobalSection, ImportSection, Imports, MemorySection, StartSection, TableSection, TypeSection,
};
use wasmparser::{ExternalKind, Parser, Payload, TypeRef};

/// What pieces import from: the base.
const BASE: &str = "__wasm_split";

/// `first` with `others` in it. `first` is the base or a piece.
pub(crate) fn merge(first: &[u8], others: &[&[u8]]) -> Result<Vec<u8>> {
    let mut merged = Merged::default();
    merged.add(first, true).context("the first wasm")?;
    for (index, other) in others.iter().enumerate() {
        let added = merged.add(other, false);
        added.with_context(|| format!("piece {}", index + 1))?;
    }
    Ok(merged.finish())
}

/// Index spaces in which imports stand before definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Space {
    Table,
    Memory,
    Global,
}

#[derive(Default)]
struct Merged {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    tables: TableSection,
    memories: MemorySection,
    globals: GlobalSection,
    exports: ExportSection,
    start: Option<u32>,
    elements: ElementSection,
    code: CodeSection,
    data: DataSection,
    imported_functions: u32,
    imported: BTreeMap<Space, u32>,
    /// What the base gives to pieces.
    known: BTreeMap<(Space, String), u32>,
}

impl Merged {
    fn defined(&self, space: Space) -> u32 {
        match space {
            Space::Table => self.tables.len(),
            Space::Memory => self.memories.len(),
            Space::Global => self.globals.len(),
        }
    }

    fn add(&mut self, wasm: &[u8], is_first: bool) -> Result<()> {
        let mut places = Places {
            types: self.types.len(),
            functions: self.imported_functions + self.functions.len(),
            elements: self.elements.len(),
            data: self.data.len(),
            spaces: BTreeMap::new(),
        };
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload?;
            if is_first {
                self.note(&payload)?;
            }
            match payload {
                Payload::TypeSection(types) => places
                    .parse_type_section(&mut self.types, types)
                    .map_err(told)?,
                Payload::ImportSection(imports) if is_first => {
                    places
                        .parse_import_section(&mut self.imports, imports)
                        .map_err(told)?;
                }
                Payload::ImportSection(imports) => {
                    for import in imports {
                        let wasmparser::Imports::Single(_, import) = import? else {
                            bail!("compact imports");
                        };
                        self.import(&mut places, import)?;
                    }
                }
                Payload::FunctionSection(functions) => {
                    places
                        .parse_function_section(&mut self.functions, functions)
                        .map_err(told)?;
                }
                Payload::TableSection(tables) if is_first => {
                    places
                        .parse_table_section(&mut self.tables, tables)
                        .map_err(told)?;
                }
                Payload::MemorySection(memories) if is_first => {
                    places
                        .parse_memory_section(&mut self.memories, memories)
                        .map_err(told)?;
                }
                Payload::GlobalSection(globals) if is_first => {
                    places
                        .parse_global_section(&mut self.globals, globals)
                        .map_err(told)?;
                }
                Payload::ExportSection(exports) if is_first => {
                    places
                        .parse_export_section(&mut self.exports, exports)
                        .map_err(told)?;
                }
                Payload::StartSection { func, .. } if is_first => self.start = Some(func),
                Payload::ElementSection(elements) => {
                    places
                        .parse_element_section(&mut self.elements, elements)
                        .map_err(told)?;
                }
                Payload::CodeSectionEntry(body) => {
                    places
                        .parse_function_body(&mut self.code, body)
                        .map_err(told)?;
                }
                Payload::DataSection(data) => {
                    places
                        .parse_data_section(&mut self.data, data)
                        .map_err(told)?;
                }
                // Counted anew, or of no use to a browser.
                Payload::Version { .. }
                | Payload::DataCountSection { .. }
                | Payload::CodeSectionStart { .. }
                | Payload::CustomSection(_)
                | Payload::End(_) => {}
                other => bail!("a piece with {other:?}"),
            }
        }
        Ok(())
    }

    /// Remembers what the first wasm imports and gives.
    fn note(&mut self, payload: &Payload<'_>) -> Result<()> {
        match payload {
            Payload::ImportSection(imports) => {
                for import in imports.clone() {
                    let wasmparser::Imports::Single(_, import) = import? else {
                        bail!("compact imports");
                    };
                    match space_of(&import.ty) {
                        None => self.imported_functions += 1,
                        Some(space) => {
                            let count = self.imported.entry(space).or_default();
                            if import.module == BASE {
                                self.known.insert((space, import.name.to_owned()), *count);
                            }
                            *count += 1;
                        }
                    }
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports.clone() {
                    let export = export?;
                    let space = match export.kind {
                        ExternalKind::Table => Space::Table,
                        ExternalKind::Memory => Space::Memory,
                        ExternalKind::Global => Space::Global,
                        _ => continue,
                    };
                    self.known
                        .insert((space, export.name.to_owned()), export.index);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Finds what a piece imports, or adds the import.
    fn import(&mut self, places: &mut Places, import: wasmparser::Import<'_>) -> Result<()> {
        let space = space_of(&import.ty).context("a piece imports a function")?;
        ensure!(
            import.module == BASE,
            "a piece imports from {}",
            import.module
        );
        let key = (space, import.name.to_owned());
        let index = match self.known.get(&key) {
            Some(index) => *index,
            None => {
                ensure!(
                    self.defined(space) == 0,
                    "the base does not give {}",
                    import.name
                );
                let ty = places.entity_type(import.ty).map_err(told)?;
                self.imports.imports(Imports::Single(wasm_encoder::Import {
                    module: import.module,
                    name: import.name,
                    ty,
                }));
                let count = self.imported.entry(space).or_default();
                *count += 1;
                self.known.insert(key, *count - 1);
                *count - 1
            }
        };
        places.spaces.entry(space).or_default().push(index);
        Ok(())
    }

    fn finish(self) -> Vec<u8> {
        let mut module = wasm_encoder::Module::new();
        module.section(&self.types).section(&self.imports);
        module.section(&self.functions);
        if !self.tables.is_empty() {
            module.section(&self.tables);
        }
        if !self.memories.is_empty() {
            module.section(&self.memories);
        }
        if !self.globals.is_empty() {
            module.section(&self.globals);
        }
        if !self.exports.is_empty() {
            module.section(&self.exports);
        }
        if let Some(function_index) = self.start {
            module.section(&StartSection { function_index });
        }
        module.section(&self.elements);
        module.section(&DataCountSection {
            count: self.data.len(),
        });
        module.section(&self.code).section(&self.data);
        module.finish()
    }
}

fn space_of(ty: &TypeRef) -> Option<Space> {
    match ty {
        TypeRef::Table(_) => Some(Space::Table),
        TypeRef::Memory(_) => Some(Space::Memory),
        TypeRef::Global(_) => Some(Space::Global),
        _ => None,
    }
}

fn told(error: Error) -> anyhow::Error {
    anyhow::anyhow!("{error:?}")
}

/// Where what a piece counts from zero stands in the merged file.
struct Places {
    types: u32,
    functions: u32,
    elements: u32,
    data: u32,
    /// By the piece's own index; the first wasm has none and keeps its indices.
    spaces: BTreeMap<Space, Vec<u32>>,
}

impl Places {
    fn of(&self, space: Space, index: u32) -> u32 {
        let known = self
            .spaces
            .get(&space)
            .and_then(|all| all.get(index as usize));
        known.copied().unwrap_or(index)
    }
}

impl Reencode for Places {
    type Error = std::convert::Infallible;

    fn type_index(&mut self, index: u32) -> Result<u32, Error> {
        Ok(index + self.types)
    }

    fn function_index(&mut self, index: u32) -> Result<u32, Error> {
        Ok(index + self.functions)
    }

    fn element_index(&mut self, index: u32) -> Result<u32, Error> {
        Ok(index + self.elements)
    }

    fn data_index(&mut self, index: u32) -> Result<u32, Error> {
        Ok(index + self.data)
    }

    fn table_index(&mut self, index: u32) -> Result<u32, Error> {
        Ok(self.of(Space::Table, index))
    }

    fn memory_index(&mut self, index: u32) -> Result<u32, Error> {
        Ok(self.of(Space::Memory, index))
    }

    fn global_index(&mut self, index: u32) -> Result<u32, Error> {
        Ok(self.of(Space::Global, index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        ConstExpr, Elements, EntityType, Function, GlobalType, MemoryType, Module, RefType,
        TableType, ValType,
    };

    /// A piece with two functions: the second calls the first, and is in the table at
    /// `place`. `before` globals are imported before the shared one.
    fn piece(place: i32, result: ValType, before: &[&str]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], [result]);
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        let global = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        for name in before.iter().chain(&["shared"]) {
            imports.import(BASE, name, EntityType::Global(global));
        }
        imports.import(BASE, "table", EntityType::Table(table()));
        imports.import(BASE, "memory", EntityType::Memory(memory()));
        let mut functions = FunctionSection::new();
        functions.function(0).function(1);
        let mut elements = ElementSection::new();
        let indices = Elements::Functions((&[1][..]).into());
        elements.active(Some(0), &ConstExpr::i32_const(place), indices);
        let mut code = CodeSection::new();
        let mut first = Function::new([]);
        let shared = u32::try_from(before.len()).unwrap();
        let mut body = first.instructions();
        if result == ValType::I64 {
            body.i64_const(7).end();
        } else {
            body.global_get(shared).end();
        }
        let mut second = Function::new([]);
        second.instructions().call(0).drop().end();
        code.function(&first).function(&second);
        let mut data = DataSection::new();
        data.active(0, &ConstExpr::i32_const(place * 8), *b"piece");
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions);
        module.section(&elements).section(&code).section(&data);
        module.finish()
    }

    fn table() -> TableType {
        TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: 4,
            maximum: None,
            shared: false,
        }
    }

    fn memory() -> MemoryType {
        MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        }
    }

    /// Gives pieces what they import, and has a function of its own.
    fn base() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import("js", "log", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        functions.function(0);
        let mut tables = TableSection::new();
        tables.table(table());
        let mut memories = MemorySection::new();
        memories.memory(memory());
        let mut globals = GlobalSection::new();
        let global = |mutable| GlobalType {
            val_type: ValType::I32,
            mutable,
            shared: false,
        };
        globals.global(global(false), &ConstExpr::i32_const(1));
        globals.global(global(true), &ConstExpr::i32_const(2));
        let mut exports = ExportSection::new();
        exports.export("shared", wasm_encoder::ExportKind::Global, 1);
        exports.export("table", wasm_encoder::ExportKind::Table, 0);
        exports.export("memory", wasm_encoder::ExportKind::Memory, 0);
        let mut code = CodeSection::new();
        let mut body = Function::new([]);
        body.instructions().call(0).end();
        code.function(&body);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions);
        module.section(&tables).section(&memories).section(&globals);
        module.section(&exports).section(&code);
        module.finish()
    }

    fn import_names(wasm: &[u8]) -> Vec<String> {
        let mut names = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            if let Payload::ImportSection(imports) = payload.unwrap() {
                for import in imports {
                    if let wasmparser::Imports::Single(_, import) = import.unwrap() {
                        names.push(import.name.to_owned());
                    }
                }
            }
        }
        names
    }

    #[test]
    fn pieces_stand_behind_each_other_and_import_once() {
        let (one, other) = (
            piece(0, ValType::I32, &[]),
            piece(1, ValType::I64, &["more"]),
        );
        let merged = merge(&one, &[&other, &piece(2, ValType::I32, &["more"])]).unwrap();
        // A call to a function of another piece would have the wrong type.
        wasmparser::validate(&merged).unwrap();
        assert_eq!(import_names(&merged), ["shared", "table", "memory", "more"]);
    }

    #[test]
    fn the_base_gives_what_pieces_import() {
        let merged = merge(&base(), &[&piece(0, ValType::I32, &[])]).unwrap();
        wasmparser::validate(&merged).unwrap();
        assert_eq!(import_names(&merged), ["log"]);
    }

    #[test]
    fn what_would_not_fit_is_an_error() {
        // The base has no such global, and a piece has exports.
        assert!(merge(&base(), &[&piece(0, ValType::I32, &["more"])]).is_err());
        assert!(merge(&piece(0, ValType::I32, &[]), &[&base()]).is_err());
    }
}
