//! The OpenAPI document: of the right version, and it names every address and type.

use crate::world::*;

#[tokio::test]
async fn the_document_describes_every_address() {
    let world = World::new().await;
    let document = world.get("/api/v1/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    let cases = [
        ("/api/v1/topics/{topic}", "get", "200", "TopicView"),
        ("/api/v1/topics/{topic}/grants", "post", "201", "Grant"),
        ("/api/v1/topics/{topic}/ballots", "post", "201", "CastReply"),
        ("/api/v1/topics/{topic}/standing", "get", "200", "Standing"),
        ("/api/v1/receipt-keys", "get", "200", "ReceiptKeys"),
    ];
    for (path, method, status, schema) in cases {
        let answer = &document["paths"][path][method]["responses"][status];
        let named = answer["content"]["application/json"]["schema"]["$ref"].as_str();
        assert_eq!(
            named,
            Some(format!("#/components/schemas/{schema}").as_str()),
            "{method} {path}"
        );
        assert!(
            document["components"]["schemas"][schema].is_object(),
            "{schema}"
        );
    }
    // Every reference leads somewhere.
    let text = document.to_string();
    for part in text.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(
            document["components"]["schemas"][name].is_object(),
            "{name} is not described"
        );
    }
}
