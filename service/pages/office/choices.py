"""The words of everything that the records choose from a list: kinds, states, roles."""

from collections.abc import Mapping
from typing import Any, get_args

from ...facts import CabinetAccess, Lifecycle, Severity
from ...ready.readiness import State
from ...records.agreements import State as AgreementState
from ...records.sheets import Action
from ...tables import Role
from ...tables.checks import InspectionKind, InspectionSource, Overall, ReviewState
from ...tables.devices import Access, Confidence, FundingSource, PadsKind
from ...tables.events import Outcome, ReportKind, ReportState, Rosc
from ...tables.imports import ImportState
from ...tables.papers import AgreementKind, AttachmentKind, ClaimStatus, Cover, InsuredKind, ObligationCode, Party
from ...tables.people import CertificateKind, PersonRole
from ...tables.places import CoordinateSource, Level, NormClass, OrganisationKind, SiteRoleName, Stage
from .words import message as _

Words = Mapping[str, str]


def _named(options: Any, *words: str) -> tuple[tuple[str, ...], Words]:
    values = get_args(options)
    return values, dict(zip(values, words, strict=True))


CHOICES: Mapping[tuple[str, ...], Words] = dict(
    (
        _named(Stage, _("拟设"), _("已约定"), _("已设"), _("已关闭")),
        _named(NormClass, _("I 类"), _("II 类"), _("III 类")),
        _named(
            OrganisationKind, _("红十字会"), _("政府机关"), _("学校"), _("企业"), _("物业公司"), _("交通单位"), _("医院"),
            _("保险公司"), _("律师事务所"), _("志愿队"), _("其他"),
        ),
        _named(Level, _("省"), _("设区市"), _("县（市、区）"), _("乡镇街道"), _("村（社区）"), _("学校")),
        _named(
            CoordinateSource, _("WGS-84（手机定位）"), _("GCJ-02（高德、腾讯）"), _("BD-09（百度）"), _("地图上选取"),
            _("由地址得来"), _("来自方案"),
        ),
        _named(SiteRoleName, _("培训点"), _("宣传站"), _("先锋岗")),
        _named(
            CabinetAccess, _("未填"), _("直接打开"), _("封条"), _("打开即报警"), _("上锁"), _("扫码开启"), _("密码开启"),
            _("找工作人员取"),
        ),
        _named(Lifecycle, _("待安装"), _("已安装"), _("在用"), _("停用"), _("使用中"), _("失踪"), _("报废")),
        _named(Severity, _("严重"), _("一般"), _("轻微")),
        _named(Access, _("公众"), _("允许公众使用"), _("限顾客"), _("限内部")),
        _named(Confidence, _("A 已现场核实"), _("B 有可靠来源"), _("C 待核实")),
        _named(PadsKind, _("成人"), _("儿童"), _("通用")),
        _named(FundingSource, _("为民办实事项目"), _("捐赠"), _("场所自购"), _("基金会")),
        _named(
            InspectionKind, _("安装检查"), _("每日检查"), _("每周检查"), _("每月检查"), _("每季检查"), _("每年检查"),
            _("专项检查"), _("使用后检查"), _("公众报告核实"),
        ),
        _named(InspectionSource, _("手机"), _("纸质"), _("远程"), _("二维码")),
        _named(Overall, _("合格"), _("需关注"), _("不合格")),
        _named(ReviewState, _("认可"), _("有疑问"), _("不予采信")),
        _named(
            ReportKind, _("设备不在"), _("已移位"), _("场所关门"), _("设备损坏"), _("已被取用"), _("信息有误"),
            _("发现新设备"),
        ),
        _named(ReportState, _("待核实"), _("属实待办"), _("不属实"), _("已办结")),
        _named(Rosc, _("是"), _("否"), _("不详")),
        _named(
            Outcome, _("存活移交"), _("移交时仍在复苏"), _("死亡"), _("并非心搏骤停"), _("不详"),
        ),
        _named(
            AgreementKind, _("公益设置协议"), _("捐赠协议"), _("维护协议"), _("培训基地协议"), _("志愿服务协议"),
            _("保险协议"), _("法律支持协议"), _("数据共享协议"),
        ),
        _named(AgreementState, _("草稿"), _("未生效"), _("有效"), _("将到期"), _("已到期"), _("已终止")),
        _named(
            ObligationCode, _("日常维护"), _("承担耗材费用"), _("培训员工人数"), _("志愿者人数"), _("免费对公众开放"),
            _("24 小时可取"), _("设置标识"), _("使用后限时报告（小时）"), _("未经同意不移位"), _("开展宣传"),
        ),
        _named(Party, _("甲方"), _("乙方")),
        _named(Cover, _("人身意外险"), _("施救者责任险"), _("设备损失险"), _("活动险")),
        _named(InsuredKind, _("具名人员"), _("全部登记的人员和设备"), _("列明的设备"), _("列明的活动")),
        _named(ClaimStatus, _("准备中"), _("已申请"), _("已赔付"), _("被拒"), _("已撤回")),
        _named(AttachmentKind, _("照片"), _("扫描件"), _("平面图"), _("签名"), _("设备数据"), _("其他")),
        _named(CertificateKind, _("初级救护员"), _("心肺复苏+AED"), _("救护师资")),
        _named(PersonRole, _("员工"), _("志愿者"), _("检查员"), _("培训师资"), _("律师"), _("捐赠人")),
        _named(Role, _("管理员"), _("办公室"), _("规划员"), _("场所管理员"), _("临时检查员"), _("查看者")),
        _named(State, _("可用"), _("将到期"), _("未核实"), _("不可用")),
        _named(ImportState, _("待应用"), _("已应用"), _("已撤销")),
        _named(Action, _("新增"), _("修改"), _("不变"), _("有错，不导入")),
    )
)  # fmt: skip
"""By all values of a choice, in their order: the word of each."""

VENUES: Words = {
    "transport": _("交通枢纽"), "shop": _("商场超市"), "school": _("学校"), "compound": _("住宅小区"), "office": _("办公场所"),
    "sport": _("体育健身"), "culture": _("文化娱乐"), "hotel": _("宾馆酒店"), "scenic": _("景区公园"), "care": _("养老机构"),
    "health": _("医疗卫生"), "police": _("公安警务"), "fire": _("消防站"), "convenience": _("便利店"), "bank": _("银行邮政"),
    "village": _("村（居）委会"), "industry": _("工厂园区"), "other": _("其他"),
}  # fmt: skip
"""Kinds of venue, which the national guide lists and a county may add to."""

FLAGS: Words = {
    "far": _("离设备超过 100 米"), "poor_accuracy": _("定位不准"), "no_position": _("没有定位"), "clock_ahead": _("手机时钟超前"),
    "late": _("迟交"), "old_form": _("旧版表单"),
}  # fmt: skip
"""Why the office should look at a check."""

_WORDS: Words = {value: word for words in (FLAGS, VENUES, *CHOICES.values()) for value, word in words.items()}


OPTIONS: Mapping[str, Any] = {
    "stage": Stage, "norm_class": NormClass, "organisation.kind": OrganisationKind, "unit.level": Level,
    "coordinate_source": CoordinateSource, "site_role.role": SiteRoleName, "cabinet_access": CabinetAccess,
    "device.status": Lifecycle, "device_step.status": Lifecycle, "severity": Severity, "access": Access,
    "data_confidence": Confidence, "pads.kind": PadsKind, "funding.source": FundingSource,
    "inspection.kind": InspectionKind, "inspection.source": InspectionSource, "overall": Overall,
    "inspection_review.state": ReviewState, "public_report.kind": ReportKind, "public_report.state": ReportState,
    "rosc": Rosc, "outcome": Outcome, "agreement.kind": AgreementKind, "agreement.state": AgreementState,
    "obligation.code": ObligationCode, "owner": Party, "cover": Cover, "insured_kind": InsuredKind,
    "claim.status": ClaimStatus, "attachment.kind": AttachmentKind, "certificate.kind": CertificateKind,
    "roles": PersonRole, "account.role": Role,
}  # fmt: skip
"""Which list a field is of, by its name, or by subject and name where a name has several."""


def options_of_field(name: str, subject: str) -> Any:
    """The list that a field is of; None for a field that is of none."""
    return OPTIONS.get(f"{subject}.{name}") or OPTIONS.get(name)


def word_of(value: str, options: Any = None) -> str:
    """The message of a value; of one that stands in several lists name which."""
    words = CHOICES[get_args(options)] if options is not None else _WORDS
    return words.get(value, value)
