//! The receipt number, shown on the receipt and beside the results.

use super::Looks;
use crate::Tap;
use crate::state::State;
use linli_texts::deliberation as k;
use linli_ui::kit;
use yew::prelude::*;

/// The number and what can be done with it.
pub(super) fn code(state: &State, looks: &Looks<'_>) -> Html {
    let Some(reply) = state.reply() else {
        return Html::default();
    };
    let copy = looks.text(if looks.copied {
        k::RECEIPT_COPIED
    } else {
        k::RECEIPT_COPY
    });
    html! {
        <>
            <p class="muted">
                { looks.text(k::RECEIPT_CODE) }
                <code class="receipt-code">{ &reply.receipt.code }</code>
            </p>
            { kit::outline_button(looks.text(k::RECEIPT_SAVE), looks.tap(Tap::SaveReceipt)) }
            <div class="foot">
                { kit::quiet_button(copy, looks.tap(Tap::CopyReceipt)) }
            </div>
            <p class="muted">{ looks.text(k::RECEIPT_HELP) }</p>
        </>
    }
}
