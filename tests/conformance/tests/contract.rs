//! The contract on every backend that answers.

use linli_cluster::Cluster;
use linli_conformance::keeps_the_contract;
use linli_conformance::memory::Memory;
use linli_conformance::page::PageFixture;
use linli_conformance::server::{HttpFixture, ServiceFixture};

#[test]
fn memory_keeps_it() {
    keeps_the_contract("memory", || Box::new(Memory::new()), &[]);
}

#[test]
fn a_page_of_its_own_keeps_it() {
    keeps_the_contract("host", || Box::new(PageFixture::new()), &[]);
}

#[test]
fn the_service_keeps_it() {
    keeps_the_contract("service", || Box::new(ServiceFixture::new()), &[]);
}

#[test]
fn the_service_keeps_it_on_postgresql() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let fixture = || Box::new(ServiceFixture::on_postgres(cluster.database())) as Box<_>;
    keeps_the_contract("postgresql", fixture, &[]);
}

#[test]
fn the_http_api_keeps_it() {
    keeps_the_contract("http", || Box::new(HttpFixture::new()), &[]);
}
