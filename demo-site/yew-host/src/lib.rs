//! A property manager's portal, written in Yew, with click handlers of its own around
//! the element that it embeds. It counts what its handlers see, so that everybody can
//! check that two Yew programs on one page leave each other alone.

use wasm_bindgen::prelude::*;
use yew::prelude::*;

/// Where the topic has a page of its own: the page's `<meta name="linli">`.
fn linli_origin() -> String {
    let meta = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector("meta[name=linli]").ok().flatten());
    meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_default()
}

#[derive(Clone, Copy, PartialEq)]
enum Tab {
    Notices,
    Repairs,
}

#[component]
fn Portal() -> Html {
    let tab = use_state_eq(|| Tab::Notices);
    let clicks = use_state_eq(|| 0_u32);
    let aside = use_state_eq(|| false);
    let count = {
        let clicks = clicks.clone();
        Callback::from(move |_: MouseEvent| clicks.set(*clicks + 1))
    };
    let choose = |to: Tab| {
        let tab = tab.clone();
        Callback::from(move |_: MouseEvent| tab.set(to))
    };
    let move_it = {
        let aside = aside.clone();
        Callback::from(move |_: MouseEvent| aside.set(!*aside))
    };
    let tab_button = |to: Tab, label: &str| {
        html! { <button type="button" aria-pressed={(*tab == to).to_string()} onclick={choose(to)}>{ label }</button> }
    };
    let vote = html! { <Vote onclick={count} clicks={*clicks} /> };
    html! {
        <>
            <header><strong>{ "江畔物业" }</strong><span>{ "业主服务" }</span></header>
            <nav aria-label="栏目">
                { tab_button(Tab::Notices, "公告与商量") }
                { tab_button(Tab::Repairs, "报修") }
            </nav>
            <div class="columns">
                <main>
                    if *tab == Tab::Notices {
                        <h1>{ "夜间临时停车，听听大家的" }</h1>
                        <p>{ "东门车道拟试行夜间临时停车。请业主在下面表态，社区统一收集意见。" }</p>
                        <button type="button" class="plain" onclick={move_it}>
                            { if *aside { "放回正文" } else { "放到侧栏" } }
                        </button>
                        if !*aside { { vote.clone() } }
                    } else {
                        <h1>{ "报修" }</h1>
                        <ul class="repairs">
                            <li><span>{ "5 栋 2 单元 电梯异响" }</span><em>{ "已派单" }</em></li>
                            <li><span>{ "地下车库 B12 照明" }</span><em>{ "已修好" }</em></li>
                        </ul>
                    }
                </main>
                <aside>
                    if *tab == Tab::Notices && *aside { { vote } }
                    <section><h2>{ "管家在线" }</h2><p>{ "每天 8:00–20:00，江畔物业服务中心一楼。" }</p></section>
                </aside>
            </div>
            <footer>{ "演示页面，内容为虚构" }</footer>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct VoteProps {
    onclick: Callback<MouseEvent>,
    clicks: u32,
}

/// The embedded element inside something that listens to clicks.
#[component]
fn Vote(props: &VoteProps) -> Html {
    let page = format!("{}/p/night-parking", linli_origin());
    html! {
        <div class="vote" onclick={props.onclick.clone()}>
            <linli-deliberation topic="night-parking"><a href={page}>{ "夜间临时停车，去表态" }</a></linli-deliberation>
            <p class="seen">{ "这一栏被点了 " }<output aria-label="本页的点击数">{ props.clicks }</output>{ " 次" }</p>
        </div>
    }
}

/// Mounts the portal on the whole page.
#[wasm_bindgen(start)]
pub fn main() {
    yew::Renderer::<Portal>::new().render();
}
